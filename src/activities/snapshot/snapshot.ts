import { PAGE_SIZE } from "../../cognito/source.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, PhaseInput, Progress } from "../../domain/contract.ts";
import { askSource } from "../../engine/ask-source.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { pagesPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { cursorId } from "../../engine/steps.ts";
import { walk } from "../../engine/walk.ts";
import { isPurged, noteListed, readMigration } from "../../ledger/runs.ts";
import { packSourceUsers, upsertSourceUsers } from "../../ledger/source-users.ts";
import type { Deps } from "../deps.ts";
import { walkGroups } from "./walk-groups.ts";

const NOBODY_TO_ASK =
  "A dry run asks nobody: `./spillway migrate FILE` does, before it reads or writes anything, and `./spillway resume POOL --accept personal_data_purged` answers it";

/** Walks ListUsers into the ledger, and the members of the groups that matter, page by page from where the cursor stands. */
export async function snapshot(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { migrationId, generation } = run;
  const migration = await deps.ledger.read((db) => readMigration(db, migrationId));
  const { file, accountId } = migration;
  if (isPurged(migration) && !accepted.includes("personal_data_purged"))
    return blocked("personal_data_purged", file.dryRun ? { detail: NOBODY_TO_ASK } : {});
  const source = deps.sourceOf(file.source);
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(file.source, accountId)], pulse.signal);
  const tools = { slots, pulse };

  const walked = await walkGroups(deps, run, file, source, tools);
  if (walked !== null) return walked;
  const progress = await walk(deps.ledger, pulse, cursorId(run, "snapshot"), {
    fetch: (token) => askSource(tools, "ListUsers", () => source.listUsers(token, PAGE_SIZE)),
    store: {
      pack: (users) => packSourceUsers(deps.ledger.kind, migrationId, generation, users),
      write: (tx, pages) => upsertSourceUsers(tx, migrationId, generation, pages),
    },
  });
  if (progress.status === "complete") await deps.ledger.write((tx) => noteListed(tx, run));
  return progress;
}
