import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { CHANGED_IN_COGNITO } from "../../domain/outcomes.ts";
import type { PoolGroup } from "../../domain/pool.ts";
import type { FinalOutcome } from "../../engine/batch/settlement.ts";
import type { Work } from "../../engine/batch/work.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { pagesPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { MigrationRow } from "../../ledger/runs.ts";
import { membershipOf } from "../../plan/keys.ts";
import { decidingGroups, groupOf } from "../../plan/selection.ts";
import type { Deps } from "../deps.ts";
import { isUnchanged, type SourceLook } from "./unchanged.ts";

/** Little is asked about ahead of its call. */
const MAX_CALLS_IN_FLIGHT = 4;

const CHANGED: FinalOutcome = {
  kind: "rejected",
  code: CHANGED_IN_COGNITO,
  message: "Cognito says something else of this person, or of who has their address, than the run read.",
};

/**
 * The work of a redrive: right before anything is sent for somebody, also after a pause or by a worker that came days later,
 * Cognito is asked whether the plan holds for them still.
 */
export function askedAgain<Record>(
  deps: Deps,
  run: RunRef,
  pulse: Pulse,
  { file, accountId }: Pick<MigrationRow, "file" | "accountId">,
  work: Work<Record>,
): Work<Record> {
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(file.source, accountId)], pulse.signal);
  const tools = { ledger: deps.ledger, run, source: deps.sourceOf(file.source), asking: { slots, pulse } };
  const ask = async (items: readonly ClaimedItem[]): Promise<Set<string>> => {
    const look = { ...tools, deciding: await decidingAbout(tools, file, items) };
    const unchanged = new Set<string>();
    for (const sub of new Set(items.map(personOf))) if (await isUnchanged(look, sub)) unchanged.add(sub);
    return unchanged;
  };
  const callsInFlight = Math.min(work.sender.callsInFlight, MAX_CALLS_IN_FLIGHT);
  return {
    ...work,
    sender: { ...work.sender, callsInFlight },
    async prepare(items) {
      const prepared = await work.prepare(items);
      const wanted = items.filter((_, index) => "record" in (prepared[index] ?? {}));
      const unchanged = await ask(wanted);
      return prepared.map((way, index) => {
        const item = items[index];
        const isOvertaken = "record" in way && item !== undefined && !unchanged.has(personOf(item));
        return isOvertaken ? { outcome: CHANGED } : way;
      });
    },
    async stillWanted(item) {
      if (!(await ask([item])).has(personOf(item))) return CHANGED;
      return (await work.stillWanted?.(item)) ?? null;
    },
  };
}

function personOf({ kind, key }: ClaimedItem): string {
  return kind === "membership" ? membershipOf(key).sub : key;
}

/** Memberships follow from groups; accounts do where the file selects people by one. */
async function decidingAbout(
  { ledger, run }: Pick<SourceLook, "ledger" | "run">,
  file: Migration,
  items: readonly ClaimedItem[],
): Promise<ReadonlySet<string> | null> {
  if (groupOf(file) === null && items.every(({ kind }) => kind === "user")) return null;
  const groups = await ledger.read((db) => readConfiguration<PoolGroup>(db, run.migrationId, "group"));
  return new Set(decidingGroups(file, groups));
}
