import { setTimeout as sleep } from "node:timers/promises";
import { News } from "./news.ts";
import { ProgressRows } from "./progress-rows.ts";
import type { RunFeed, Standing } from "./run-feed.ts";
import type { Screen } from "./screen.ts";

const LOOK_EVERY_MS = 500;

export type Ended = Extract<Standing, { kind: "done" | "failed" }>;

/** Shows a run's progress until it ends; null when `signal` stops the watching first. */
export async function follow(feed: RunFeed, screen: Screen, signal: AbortSignal): Promise<Ended | null> {
  const rows = new ProgressRows();
  const news = new News();
  while (!signal.aborted) {
    const { standing, totals, phases } = await feed.look();
    screen.show(rows.of(totals, phases));
    if (standing.kind === "failed") return standing;
    const text = standing.kind === "done" ? news.ofDone() : news.of(standing, screen.columns);
    if (text !== null) screen.say(text);
    if (standing.kind === "done") return standing;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}
