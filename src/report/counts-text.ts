import { OUTCOMES } from "./explain.ts";
import type { Summary } from "./summary.ts";

type Counted = Pick<Summary, "listed" | "byOutcome" | "byReason" | "snapshot">;

export const NOT_BEGUN =
  "The newest run has not begun to read the pool: who is in it, and how everyone ends, is not known yet. `./spillway watch POOL` tells what it waits for.";

/** Counts as a person reads them: a line per outcome, its reasons below. */
export function countsText({ listed, byOutcome, byReason, snapshot }: Counted): string {
  if (snapshot === "not_begun") return NOT_BEGUN;
  const width = listed.toLocaleString("en-US").length;
  const line = (n: number, text: string) => `${n.toLocaleString("en-US").padStart(width + 2)}  ${text}`;
  const soFar = snapshot === "complete" ? "" : " so far: the run reads the pool";
  const lines = [line(listed, `users listed by Cognito${soFar}`)];
  for (const outcome of OUTCOMES) {
    const users = byOutcome[outcome];
    if (users === 0 && outcome !== "imported" && outcome !== "failed") continue;
    lines.push(line(users, outcome));
    for (const entry of byReason)
      if (entry.outcome === outcome) lines.push(`  ${line(entry.users, entry.reason)}`);
  }
  return lines.join("\n");
}
