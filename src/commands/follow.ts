import { setTimeout as sleep } from "node:timers/promises";
import { News } from "./news.ts";
import { ProgressRows } from "./progress-rows.ts";
import type { RunFeed, Standing } from "./run-feed.ts";
import type { Screen } from "./screen.ts";
import { wrapped } from "./wrap.ts";

const LOOK_EVERY_MS = 500;

export type Ended = Extract<Standing, { kind: "done" | "failed" }>;

const LOST = "The other `./spillway migrate` has ended, and the Temporal server that it brought with it.";

const OTHER_LEDGER =
  "The ledger here, which SPILLWAY_LEDGER names, is not this run's: its counts are not shown, but those that the run tells after each batch. To see every item, set SPILLWAY_LEDGER to the run's.";

/**
 * Shows a run's progress until it ends; null when `signal` stops the watching first, or where Temporal does not answer
 * and `isLost` says that it never will.
 */
export async function follow(
  feed: Pick<RunFeed, "look">,
  screen: Screen,
  signal: AbortSignal,
  isLost: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Ended | null> {
  const rows = new ProgressRows();
  const news = new News();
  let isTold = false;
  while (!signal.aborted) {
    const { standing, totals, phases, isOtherLedger } = await feed.look();
    if (isOtherLedger && !isTold) screen.say(wrapped(OTHER_LEDGER, screen.columns));
    isTold ||= isOtherLedger;
    const isStill = standing.kind === "running" && standing.answer.state !== "Running";
    screen.show(rows.of(totals, phases, isStill));
    if (standing.kind === "failed") return standing;
    if (standing.kind === "unreachable" && (await isLost())) {
      screen.say(wrapped(LOST, screen.columns));
      return null;
    }
    const text = standing.kind === "done" ? news.ofDone() : news.of(standing, screen.columns);
    if (text !== null) screen.say(text);
    if (standing.kind === "done") return standing;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}
