import { setTimeout as sleep } from "node:timers/promises";
import { wrapped } from "../wrap.ts";
import { News } from "./news.ts";
import { ProgressRows } from "./progress-rows.ts";
import type { Look, RunAnswer, RunFeed, Standing } from "./run-feed.ts";
import type { Screen, Tone } from "./screen.ts";
import { wholeRun } from "./whole-run.ts";

const LOOK_EVERY_MS = 500;

/** How a run ended, and what was known of its phases then. */
export type Ended = Extract<Standing, { kind: "done" | "failed" }> & Pick<Look, "phases" | "totals">;

/** By the clock of whoever watches. */
function stamp(): string {
  return `[${new Date().toLocaleTimeString("en-GB")}] `;
}

/** What needs somebody is told from what does not, for those who see colours: the words say it too. */
function toneOf(standing: Standing): Tone {
  if (standing.kind === "unreachable" || standing.kind === "no_worker") return "bad";
  if (standing.kind !== "running") return "plain";
  return standing.answer.state === "Blocked" ? "bad" : standing.answer.state === "Running" ? "good" : "waits";
}

const LOST = "The other `./spillway migrate` has ended, and the Temporal server that it brought with it.";

const OTHER_LEDGER =
  "The ledger here, which SPILLWAY_LEDGER names, is not this run's: its counts are not shown, but those that the run tells after each batch. To see every item, set SPILLWAY_LEDGER to the run's.";

/** Of a process that works the run which it shows. */
interface WorkedHere {
  /** Whether a Temporal server that does not answer never will. */
  isLost(): Promise<boolean>;
}

/**
 * Shows a run's progress until it ends; null when `signal` stops the watching first, or where Temporal is lost.
 */
export async function follow(
  feed: Pick<RunFeed, "look">,
  screen: Screen,
  signal: AbortSignal,
  worked: WorkedHere | null = null,
): Promise<Ended | null> {
  const rows = new ProgressRows();
  const news = new News(worked !== null);
  let isTold = false;
  let lastAnswer: RunAnswer | null = null;
  while (!signal.aborted) {
    const { standing, totals, coming, phases, isOtherLedger } = await feed.look();
    const isOver = standing.kind === "done" || standing.kind === "failed";
    // A worker that is being stopped answers no more: that is no news.
    if (signal.aborted && !isOver) return null;
    if (isOtherLedger && !isTold) screen.say(wrapped(OTHER_LEDGER, screen.columns));
    isTold ||= isOtherLedger;
    const isStill = standing.kind === "running" && standing.answer.state !== "Running";
    if (standing.kind === "running") lastAnswer = standing.answer;
    const whole = isOver ? [] : [wholeRun(lastAnswer, coming)];
    screen.show([...rows.of(totals, phases, isStill), ...whole]);
    if (standing.kind === "failed") return { ...standing, phases, totals };
    if (standing.kind === "unreachable" && worked !== null && (await worked.isLost())) {
      screen.say(wrapped(LOST, screen.columns));
      return null;
    }
    const text = standing.kind === "done" ? news.ofDone(stamp()) : news.of(standing, screen.columns, stamp());
    if (text !== null) screen.say(text, toneOf(standing));
    if (standing.kind === "done") return { ...standing, phases, totals };
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}
