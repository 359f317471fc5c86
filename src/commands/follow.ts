import { setTimeout as sleep } from "node:timers/promises";
import type { ProgressAnswer } from "../workflows/messages.ts";
import { ProgressRows } from "./progress-rows.ts";
import type { RunFeed, Standing } from "./run-feed.ts";
import type { Screen } from "./screen.ts";

const LOOK_EVERY_MS = 500;

export type Ended = Extract<Standing, { kind: "done" | "failed" }>;

/** Shows a run's progress until it ends; null when `signal` stops the watching first. */
export async function follow(feed: RunFeed, screen: Screen, signal: AbortSignal): Promise<Ended | null> {
  const rows = new ProgressRows();
  let said = "";
  while (!signal.aborted) {
    const { standing, totals } = await feed.look();
    screen.show(rows.of(totals));
    if (standing.kind === "done" || standing.kind === "failed") return standing;
    const news = newsOf(standing);
    if (news !== said && (news !== "" || said !== "")) screen.say(news === "" ? "The run goes on." : news);
    said = news;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

/** What stands in the way; empty while the run works. */
function newsOf(standing: Exclude<Standing, Ended>): string {
  if (standing.kind === "unreachable") return "Temporal does not answer; trying on.";
  if (standing.answer === null)
    return "No worker answers: the run waits for one (`npm run worker`, with the same settings).";
  return waiting(standing.answer);
}

function waiting({ state, waitsFor }: ProgressAnswer): string {
  if (waitsFor === null) return "";
  return `${state}: ${waitsFor.sentence}\nTo go on:\n  ${waitsFor.command}`;
}
