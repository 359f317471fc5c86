import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownClient } from "../../domain/pool.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { GATE_CURSOR } from "../../ledger/live-totals.ts";
import { credentialsParts } from "../../plan/credentials-parts.ts";
import type { Deps } from "../deps.ts";
import { planObjects } from "../plan/plan-objects.ts";
import { providersOf } from "./providers-of.ts";

const SLICE_PARTS = 500;

/** Plans what is to be made by API before anybody moves, once a run. */
export async function planCredentials(deps: Deps, run: RunRef, file: Migration, pulse: Pulse): Promise<void> {
  const { ledger } = deps;
  const { providers } = await providersOf(deps, run);
  const clients = await ledger.read((db) => readConfiguration<KnownClient>(db, run.migrationId, "client"));
  const destination = deps.destinationOf(file.destination);
  const parts = credentialsParts(file, { providers, clients }, destination);
  const id = cursorId(run, GATE_CURSOR);
  const cursor = await takeCursor(ledger, id, pulse.fence);
  for (let from = Number(cursor.position ?? 0); from < parts.length; from += SLICE_PARTS)
    await step({ ledger, pulse }, async (tx) => {
      await planObjects(tx, run, "credentials", parts.slice(from, from + SLICE_PARTS), file.dryRun);
      await moveCursor(tx, id, pulse.fence, { ...cursor, position: String(from + SLICE_PARTS) });
    });
}
