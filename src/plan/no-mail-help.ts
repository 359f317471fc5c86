import { ownValue } from "../domain/own-value.ts";
import type { NoResetReason } from "./reset-policy.ts";

/** What gets people further whom the campaign does not mail. */
interface Help {
  /** A sentence for the operator. It names "forgot password" only where the bridge, too, mails who asks there. */
  helps: string;
  /** Whether somebody has to do something for these people. */
  isToDo: boolean;
}

const nothing = (helps: string): Help => ({ helps: `Nothing to do: ${helps}`, isToDo: false });
const toDo = (helps: string): Help => ({ helps, isToDo: true });

/** Of each reason: by whichever door the person asks, `doors.ts` judges by the same rules. */
export const NO_MAIL_HELP: Readonly<Record<NoResetReason, Help>> = {
  federated: nothing("they sign in with their provider, as before; where it does not come along, by e-mail."),
  merged_into_federated: toDo(
    'They sign in with the provider of the account that stands for them; "forgot password" mails them a link to set a password for it.',
  ),
  disabled: nothing("they are to stay out. To let somebody in, enable them in Cognito and start again."),
  not_confirmed: toDo(
    "Have them finish the sign-up in Cognito, which verifies the address, and start again. The bridge mails none of them before.",
  ),
  unverified: toDo(
    'Have the address verified in Cognito and start again; or let the file send to those who are confirmed, `"unverified": "send"`. The bridge mails none of them before.',
  ),
  other_domain: toDo(
    'Widen "onlyDomains" in the file and start again, unless this is a rehearsal. The bridge mails none of them before.',
  ),
  already_there: toDo(
    'They use "forgot password"; or set `"alreadyThere": "send"` in the file and start again.',
  ),
  moved_by_bridge: nothing("they sign in with the password that they have."),
  password_in_doubt: toDo(
    'They sign in as before, and the bridge tries again; before you give up the pool, tell those who cannot to use "forgot password".',
  ),
  proven_by_bridge: toDo(
    'They sign in as before while the bridge runs. Before you give up the pool, look whether they have a password at the destination; "forgot password" mails those who have none.',
  ),
  already_reset: nothing("they have a new password."),
  asked_already: nothing('they follow the link of that mail, or ask again by "forgot password".'),
  address_changed: toDo(
    "Find out which address is right, set it in Cognito and at the destination, and start again. Until then they sign in with the one at the destination.",
  ),
  changed_in_cognito: toDo(
    "Start again: the next run judges them anew. The bridge mails none of them before.",
  ),
  second_factor: toDo(
    'Set `"acceptMfaLoss": true` in the file and start again, where a reset may pass the second factor by.',
  ),
  left_out: toDo(
    "Start again with a file that selects them. Whoever is gone from Cognito still has an account at the destination: remove it there, if they are to stay out.",
  ),
  user_not_imported: toDo("`./spillway lookup SUB` says what became of their account."),
  unsettled: toDo(
    'Ask them whether it came. If not, they use "forgot password", which mails them another one.',
  ),
};

/** Of a reason that a report names; null for one that is no reason of ours. */
export function noMailHelp(reason: string): Help | null {
  return ownValue<Help>(NO_MAIL_HELP, reason) ?? null;
}
