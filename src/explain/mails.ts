import type { ResetOutcome } from "../domain/outcomes.ts";
import { NO_MAIL_HELP } from "../plan/no-mail-help.ts";
import { NO_RESET_REASONS } from "../plan/reset-policy.ts";
import { type Codes, type Meaning, meaning, meanings, PERSON, REDRIVE, WATCH } from "./meaning.ts";

/** How reset mails end, and why somebody gets none. */

export const MAIL_OUTCOMES: Readonly<Record<ResetOutcome, Meaning>> = {
  mailed: meaning("One mail is out. In a plan: one would be sent, and there is no time beside it."),
  unsettled: meaning(
    "One mail may be out, and nobody can tell. It is never sent again.",
    'Ask whether it came. Whoever got none uses "forgot password".',
    PERSON,
  ),
  failed: meaning(
    "No mail went out: it was refused or put off too often, or a look-up failed first. With no_clear_answer it may be out.",
    "The reason beside it is a failure code.",
    PERSON,
    REDRIVE,
  ),
  open: meaning("Not settled yet: their turn has not come.", null, WATCH),
  not_mailed: meaning("No mail, by a rule.", "The reason beside it says why: explain that word.", PERSON),
};

export const NO_MAIL_REASONS: Codes = meanings(NO_RESET_REASONS, (reason) => ({
  help: NO_MAIL_HELP[reason].helps,
}));
