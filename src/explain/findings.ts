import { blockedCodes } from "../domain/blocked.ts";
import { MEND } from "../domain/findings/kind.ts";
import { FINDINGS, type FindingCode } from "../domain/findings.ts";
import { type Codes, meaning, RESTART, RESUME } from "./meaning.ts";

/** What each finding means, whatever it is about. Its own sentence names that. */
const MEANS: Readonly<Record<FindingCode, string>> = {
  pool_size: "Cognito's estimate of how many users the pool has.",
  not_taken: "The destination takes no organizations, roles or reset mails, and the file asks for them.",
  attribute_unknown: "The pool lacks an attribute that the file names.",
  attribute_self_writable:
    "Users can write the attribute that decides their organization, through the app clients that are named: anyone could join any organization.",
  attribute_from_provider:
    "An identity provider writes the attribute that decides organizations: whoever runs it decides who belongs where.",
  verified_by_provider:
    "An OIDC or SAML provider writes `email_verified`: whoever runs it can have any address count as verified, and be merged with the account of its owner.",
  group_unknown: "The pool lacks a group of `roles.groups` or `only.group`.",
  group_gone: "A group was deleted in Cognito while the run read the pool: it counts as empty.",
  group_prefix_unknown: "No group of the pool begins with `organizations.prefix`.",
  groups_not_moved: "The pool has groups, and the file makes nothing of them.",
  role_slug_conflict: "Several groups would become one role by chance.",
  role_refused: "The destination would refuse the slug of a role or permission.",
  role_taken:
    "By its name alone a group becomes a role that others made at the destination: members get what that role may do there.",
  role_unknown: "No group becomes a role to which `roles.permissions` gives permissions.",
  provider_unknown: "The pool lacks a provider that `providers` names.",
  provider_without_counterpart:
    "The destination does not support this identity provider; the finding says what its people do.",
  provider_without_organization:
    "The provider becomes a connection of one organization, and the file does not say of which.",
  provider_gone:
    "A provider was deleted in Cognito during the run: nothing is made for it, and nobody waits for it.",
  gate_answer_kept:
    "An earlier run was told that the provider works, or to go on without it, and that counts still.",
  provider_not_verified: "A dry run found that the gate would wait for this provider.",
  client_unknown: "The pool lacks an app client that `clients` names.",
  client_without_counterpart: "The destination takes no applications.",
  client_without_organization:
    "An app client for machines becomes an application of one organization, and the file does not say of which.",
  implicit_flow: "An app client may use the implicit flow, which the destination lacks.",
  organization_refused:
    "The destination would refuse the name or external id of an organization, or the file gives the id to another one. Five are named, none whose name may be an address or telephone number: if so, the attribute is probably not the tenant's.",
  organization_twins:
    "Names of organizations differ in nothing but case or spaces, and each becomes one of its own. The first 100,000 of an attribute are compared.",
  organization_renamed:
    "The file gives an organization another external id than it has, or may have, at the destination.",
  organization_unknown:
    "Nobody belongs to an organization that `organizations.named` names, often as its case is another one. A pilot tells of its own people alone.",
  people_unknown:
    "`users.decisions` or `passwordResets.canary` names people whom the pool does not list, for example by username or in capitals.",
  canary_unmailed: "`passwordResets.canary` names people who get no mail, or whom the pool does not list.",
  selection_unknown: "`only.subs` names people whom the pool does not list.",
  ledger_unusable:
    "`SPILLWAY_LEDGER` cannot be reached or written. Of `check`: a run parks with a code of its own.",
  secret_store: "`SPILLWAY_SECRETS` cannot keep secrets.",
  credentials_failed:
    "The destination refuses an organization, redirect URI or application that has to stand first.",
  without_organization: "Some people belong to no organization by the file's rule.",
  mails_approved_earlier: "People are mailed by the approval of an earlier run, without another question.",
  people_without_provider:
    "People have identities of a provider that does not come along; the finding says how many, and what they do.",
  user_migration_trigger: "The pool's user migration trigger may create users while the pool is read.",
  mfa: "The pool has second factors, which Cognito does not export.",
  attribute_over_limit: "Users have values that the destination would refuse; they are counted by attribute.",
  attribute_dropped:
    'Users have values that the destination would refuse, and the file drops them, by `"attributesOverLimit": "drop"`.',
  reset_mails: "How many people are mailed, how many are not and why, and how many were by earlier runs.",
  own_mails: "Reset mails are handed over by the workers, and not by the destination.",
  mail_sink: "`SPILLWAY_MAIL` cannot be used.",
  resets_undecided:
    "Confirmed people have addresses that nobody verified, and the file does not choose what becomes of them.",
  resets_drop_mfa: "The pool has second factors, and a reset mail lets its reader in without one.",
  identities_broken: "The `identities` of some users cannot be read, in part or as a whole.",
  disabled_after_import: "Users were disabled in Cognito after their import, and their accounts still work.",
  disabled_removed:
    'Users were disabled in Cognito after their import, and their accounts are deleted, by `"disabledLater": "delete"`.',
  deleted_removed:
    'Users were deleted in Cognito after their import, and their accounts are deleted, by `"deletedLater": "delete"`.',
  deleted_kept:
    "Users were deleted in Cognito after their import, and somebody has their address or identity there today: their accounts stay until a person decides.",
  deleted_unknown:
    "Users were deleted in Cognito after their import, and after a purge nobody knows whether somebody else needs their accounts: they stay.",
  address_changed:
    "Users have another address in Cognito than at their import; the accounts keep the old one.",
  memberships_removed: "Memberships that Spillway made have left the plan, and are removed.",
  deleted_after_import: "Users were deleted in Cognito after their import, and their accounts still work.",
  unexpected_at_destination: "Accounts have the sub of somebody who was not imported.",
  purged_not_compared: "Accounts of purged people stand; what is in them is not compared.",
  differs_at_destination:
    "Accounts hold other values than were written, by field. With `external_id`, another account has the key; the one that was made counts while it stands.",
  unreadable_at_destination:
    "The destination's data of some things cannot be read. What was known counts on.",
  organization_gone: "Somebody removed organizations at the destination, and they are not made again.",
  structure_missing:
    "Somebody removed roles, connections, redirect URIs or applications at the destination, and they are not made again.",
  structure_differs:
    "Roles, connections, redirect URIs, applications or organizations hold other values than were written.",
  structure_surplus:
    "Organizations, roles, redirect URIs or applications have a key of this pool, and were not made here.",
  strangers_at_destination:
    "How much at the destination has nothing to do with this pool. It is no difference.",
  not_verifiable: "The destination does not show a kind of things: nobody has verified them.",
  membership_missing: "Somebody removed memberships at the destination; they are never made again.",
  membership_surplus: "Others added members to organizations that Spillway made.",
  membership_differs:
    "Memberships are inactive or hold other roles. Those of people who were given no role are not compared.",
  live_key: "The key is of a production environment.",
  temporal_unreachable: "No Temporal server answers at the address that `check` knows.",
  search_attributes_missing:
    "Temporal's list of runs cannot show progress, as its server lacks search attributes.",
};

/** Where the finding's own advice is made of what it is about. */
const HELP: Partial<Record<FindingCode, string>> = {
  role_taken:
    "Name the slug in `roles.groups` where that is meant; else name another one there, or leave the group out with `null`.",
  provider_without_organization: placed("providers", "NAME"),
  client_without_organization: placed("clients", "ID"),
  gate_answer_kept:
    "To take that back, set the provider up: once it leads to the same sign-in as at Cognito, it counts as verified by itself.",
  provider_not_verified:
    "The finding says what to set up; `./spillway credentials status` lists all of them.",
  credentials_failed: "The failure code stands in brackets: explain that word.",
  ledger_unusable: "The finding says what to mend.",
  secret_store: "The finding says what to mend.",
  mail_sink: "The finding says what to mend.",
  search_attributes_missing:
    "`./spillway check FILE` prints the command that registers them; a run looks only once.",
  address_changed:
    '`./spillway decide FILE` asks about each: an address is a way in. `"readdress"` in `users.decisions` writes it.',
};

function placed(key: string, name: string): string {
  return `\`"${key}": {"${name}": {"organization": "acme"}}\` in the file, or \`{"skip": "why"}\`.`;
}

function helpOn(code: FindingCode): string | null {
  const { advice, severity } = FINDINGS[code];
  if (HELP[code] !== undefined) return HELP[code];
  if (typeof advice === "string") return advice;
  return severity === "blocker" ? MEND : null;
}

/** What the plan finds parks by a code of its own, which is explained beside it. */
function commandsOn(code: FindingCode) {
  const { severity, outsideFile } = FINDINGS[code];
  if (severity !== "blocker" || blockedCodes().some((parks) => parks === code)) return [];
  return outsideFile ? [RESUME] : RESTART;
}

export const FINDING_CODES: Codes = Object.fromEntries(
  // The keys of a literal object are its type's keys.
  (Object.keys(MEANS) as FindingCode[]).map((code) => [
    code,
    meaning(`${MEANS[code]} Severity: ${FINDINGS[code].severity}.`, helpOn(code), ...commandsOn(code)),
  ]),
);
