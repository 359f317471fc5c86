import { NO_CLEAR_ANSWER } from "../domain/outcomes.ts";
import { noMailHelp } from "../plan/no-mail-help.ts";
import { NO_RESET_REASONS, type NoResetReason } from "../plan/reset-policy.ts";
import type { ResetStanding } from "../plan/reset-standing.ts";
import { WAY_IN_TEXTS, type WayIn } from "../plan/way-in.ts";

export type PersonMail = Pick<ResetStanding, "outcome" | "reason">;

const REASONS: Readonly<Record<string, string>> = NO_RESET_REASONS;

/** What is known of somebody's reset mail, what comes next and what to do. */
export function mailText({ outcome, reason }: PersonMail, way: WayIn | null): string {
  switch (outcome) {
    case "mailed":
      return 'One mail is out, and no run sends another. Whoever lost it uses "forgot password".';
    case "unsettled":
      return explained("unsettled");
    case "failed":
      // It may be out although it counts as failed.
      return reason === NO_CLEAR_ANSWER
        ? 'The mail may be out: no answer told. The next run looks for it once more and sends no other one. Ask the person; if it did not come, they use "forgot password".'
        : "It failed, and nothing was mailed; `./spillway explain CODE` tells what its code means. The next run tries once more, unless it judges otherwise by then.";
    case "open":
      return "Their turn has not come yet, or the campaign has not begun. `./spillway watch POOL` tells what the run waits for.";
    case "not_mailed":
      // Of this one person more is known than of all whom the reason is for.
      return reason === ("federated" satisfies NoResetReason) && way !== null
        ? `${NO_RESET_REASONS.federated} ${WAY_IN_TEXTS[way]}`
        : explained(reason ?? "");
  }
}

/** What a person can do about the mail; null where nothing is to be done, or the run does it. */
export function mailStep({ outcome, reason }: PersonMail): string | null {
  if (outcome !== "unsettled" && outcome !== "not_mailed") return null;
  // What became of the account stands in the same story.
  if (reason === null || reason === ("user_not_imported" satisfies NoResetReason)) return null;
  const help = noMailHelp(reason);
  return help?.isToDo ? help.helps : null;
}

function explained(reason: string): string {
  return [REASONS[reason], noMailHelp(reason)?.helps].filter((text) => text !== undefined).join(" ");
}
