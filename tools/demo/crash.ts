import { setTimeout as sleep } from "node:timers/promises";
import type { Live } from "../../src/commands/live.ts";
import type { Screen } from "../../src/commands/screen.ts";
import type { Child } from "./children.ts";
import { since } from "./lines.ts";
import { isUserCreation, journalSince } from "./workos-side.ts";
import type { World } from "./world.ts";

const LOOK_EVERY_MS = 25;

/**
 * Kills the worker without warning when half of the users are through, starts another one, and tells how long the
 * imports stood still. Does nothing for a run that ends before that.
 */
export async function crashHalfWay(
  world: World,
  worker: Child,
  live: () => Promise<Live>,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  while (!isHalfWay(await live())) {
    if (signal.aborted) return;
    await sleep(LOOK_EVERY_MS);
  }
  await worker.kill("SIGKILL");
  const killedAtMs = Date.now();
  screen.say(`Half-way: the worker (process ${worker.pid}) was killed with SIGKILL.`);
  const before = (await journalSince(world.workosUrl, 0)).length;
  const next = world.startWorker();
  screen.say(`Another worker (process ${next.pid}) starts.`);
  for (;;) {
    const first = (await journalSince(world.workosUrl, before)).find(isUserCreation);
    if (first !== undefined) {
      screen.say(`The first import after the kill came ${since(killedAtMs, first.atMs)} later.`);
      return;
    }
    if (signal.aborted)
      return screen.say("All imports had reached WorkOS before the kill: none was left to make.");
    await sleep(LOOK_EVERY_MS);
  }
}

function isHalfWay({ totals: { users } }: Live): boolean {
  if (users === undefined || users.of === null || users.of === 0) return false;
  return users.done + users.failed + users.skipped >= users.of / 2;
}
