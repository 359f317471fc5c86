import type { RunSummary } from "../../src/domain/contract.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { FILE, SEVERAL, tenants } from "./changing-pool.ts";
import { standsAt } from "./same-as-fresh.ts";
import { type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** Runs after a completed one. */

export const USERS = 30;

/** A stage whose pool was migrated once. */
export async function migrated(
  file: Partial<MigrationFile> = FILE,
  pool: Pool = tenants(USERS),
): Promise<Stage> {
  const stage = await setStage({ pool, file, workos: SEVERAL });
  await stage.work();
  await again(stage);
  return stage;
}

export async function again(stage: Stage): Promise<RunSummary> {
  return (await stage.start()).result();
}

/** A run that is cancelled when such a call has arrived. */
export async function cancelledAfter(stage: Stage, operation: string): Promise<void> {
  const { entries } = stage.workos.journal;
  const calls = () => entries.filter((entry) => entry.operation === operation).length;
  const before = calls();
  const run = await stage.start();
  await until(`${operation} is called`, () => calls() > before, 30_000);
  await run.cancel();
  await run.result().catch(() => undefined);
  stage.workos.faults.clear();
}

export function accountOf({ workos }: Stage, sub: string) {
  const account = [...workos.users.values()].find(({ external_id }) => external_id === sub);
  if (account === undefined) throw new Error("Nobody there has this key.");
  return account;
}

export function membershipsOf({ workos }: Stage, sub: string): string[] {
  return standsAt(workos).members.filter((member) => member.startsWith(sub));
}
