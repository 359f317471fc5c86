import { setTimeout as sleep } from "node:timers/promises";
import { CONFIGURATION_CALLS_PER_SECOND } from "../activities/pace-keys.ts";
import type { PoolConfiguration } from "../cognito/configuration.ts";
import { readConfiguration } from "../cognito/read-configuration.ts";
import type { UserSource } from "../cognito/source.ts";
import type { Migration } from "../migration.ts";
import { askSource } from "./ask.ts";

/** All of the pool's set-up but its secrets, at a pace of its own: there is no ledger yet. Throws UsageError. */
export function readSetUp(pool: Migration["source"], source: UserSource): Promise<PoolConfiguration> {
  const turn = turns(CONFIGURATION_CALLS_PER_SECOND);
  return readConfiguration(source, (_operation, call) =>
    askSource(pool, async () => {
      await turn();
      return call();
    }),
  );
}

/** Waits until the next call is due. */
function turns(perSecond: number): () => Promise<void> {
  let nextAtMs = 0;
  return async () => {
    const waitMs = nextAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    nextAtMs = performance.now() + 1_000 / perSecond;
  };
}
