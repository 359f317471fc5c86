import { OUTCOMES } from "./explain.ts";
import type { Counts } from "./tally.ts";

/** Counts as a person reads them: a line per outcome, its reasons below. */
export function countsText({ listed, byOutcome, byReason }: Counts): string {
  const width = listed.toLocaleString("en-US").length;
  const line = (n: number, text: string) => `${n.toLocaleString("en-US").padStart(width + 2)}  ${text}`;
  const lines = [line(listed, "users listed by Cognito")];
  for (const outcome of OUTCOMES) {
    const users = byOutcome[outcome];
    if (users === 0 && outcome !== "imported" && outcome !== "failed") continue;
    lines.push(line(users, outcome));
    for (const entry of byReason)
      if (entry.outcome === outcome) lines.push(`  ${line(entry.users, entry.reason)}`);
  }
  return lines.join("\n");
}
