/** Names of counters that walks keep with their cursors, and that reports read. */

/** Counters of the people who come from a provider: `provider:<name>`. */
export const PROVIDER_PREFIX = "provider:";
/** Groups that were deleted since assess listed them: `gone:<group>`. */
export const GONE_PREFIX = "gone:";
/** The walk by which the plan decides about people. */
export const PLAN_WALK = "plan";
/** Of the plan: whose account holds another address than they have today, as the finding of that name says. */
export const OTHER_ADDRESS = "address_changed";
/** Of the plan: who was disabled since the import, and has an account that stays. */
export const DISABLED_SINCE = "disabled_after_import";
/** Of the campaign: the last ordinal of those who are mailed before an approval. */
export const CANARY_TO = "canaryTo";
/** Of the campaign: since when its mails have had another sender than those before; absent where they have one. */
export const CANARY_SINCE = "canarySinceMs";
/** Of those whom the campaign's rules mail: whom earlier runs have mailed, or may have. */
export const MAILED_BEFORE = "mailed_before";
/** Of an undo: memberships that go with their accounts. */
export const WITH_ACCOUNT = "with_account";
/** Of an undo: people who were mailed. */
export const MAILED = "mailed";
/** Of an undo: secrets of applications that are in the store. */
export const SECRETS = "secrets";
