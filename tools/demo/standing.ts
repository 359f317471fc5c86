import { setTimeout as sleep } from "node:timers/promises";
import type { RunAnswer, RunFeed } from "../../src/commands/run-feed.ts";

const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 60_000;

/** What the run answers once `isIt` says yes to it; null for one that ended, parked, or never got there. */
export async function untilRun(
  feed: RunFeed,
  isIt: (answer: RunAnswer) => boolean,
): Promise<RunAnswer | null> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const { standing } = await feed.look();
    if (standing.kind === "done" || standing.kind === "failed") return null;
    const answer = standing.kind === "running" ? standing.answer : null;
    if (answer?.state === "Blocked") return null;
    if (answer !== null && isIt(answer)) return answer;
    await sleep(LOOK_EVERY_MS);
  }
  return null;
}
