import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { CHANGED_IN_COGNITO } from "../../domain/outcomes.ts";
import type { PoolGroup } from "../../domain/pool.ts";
import { NoAnswerError } from "../../engine/answer-about.ts";
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

/** Cognito is asked about one after the other, so that more calls would only wait. */
const MAX_CALLS_IN_FLIGHT = 4;

const CHANGED: FinalOutcome = {
  kind: "rejected",
  code: CHANGED_IN_COGNITO,
  message: "Cognito says something else of this person, or of who has their address, than the run read.",
};

/** Nobody who would come to an organization has an account, or gets one. */
const NOBODY_COMES: FinalOutcome = { kind: "skipped", reason: "user_not_imported" };

/** For whom an item is; null where it is made whatever becomes of them. */
export type PeopleOf = (item: ClaimedItem) => Promise<readonly string[] | null>;

/**
 * The work of a redrive: when the call for somebody is due, also after a pause, a busy destination or by a worker that came
 * days later, Cognito is asked whether the plan holds for them still; of several people for one of them.
 */
export function askedAgain<Record>(
  deps: Deps,
  run: RunRef,
  pulse: Pulse,
  { file, accountId }: Pick<MigrationRow, "file" | "accountId">,
  work: Work<Record>,
  peopleOf: PeopleOf = async (item) => [personOf(item)],
): Work<Record> {
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(file.source, accountId)], pulse.signal);
  const tools = { ledger: deps.ledger, run, source: deps.sourceOf(file.source), asking: { slots, pulse } };
  const whyNot = async (item: ClaimedItem, signal: AbortSignal): Promise<FinalOutcome | null> => {
    signal.throwIfAborted();
    const people = await peopleOf(item);
    if (people === null) return null;
    const look = { ...tools, signal, deciding: await decidingAbout(tools, file, item) };
    for (const sub of people) if (await isUnchanged(look, sub)) return null;
    return item.kind === "organization" ? NOBODY_COMES : CHANGED;
  };
  const inTurn = oneByOne();
  return {
    ...work,
    // Of many in one call the first answer would be old by the last.
    sender: {
      ...work.sender,
      itemsPerCall: 1,
      callsInFlight: Math.min(work.sender.callsInFlight, MAX_CALLS_IN_FLIGHT),
    },
    async prepare(items) {
      const prepared = await work.prepare(items);
      return prepared.map((way) => ("record" in way ? { ...way, asksWhenDue: true } : way));
    },
    async stillWanted(item, signal) {
      try {
        const overtaken = await inTurn(() => whyNot(item, signal));
        return overtaken ?? (await work.stillWanted?.(item, signal)) ?? null;
      } catch (error) {
        if (error instanceof NoAnswerError) return error.outcome;
        throw error;
      }
    },
  };
}

/** The questions of one look follow each other, at whatever pace: those of another one would make its answers old. */
function oneByOne(): <T>(look: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (look) => {
    const next = last.then(look);
    // Whoever asked meets the failure.
    last = next.catch(() => undefined);
    return next;
  };
}

function personOf({ kind, key }: ClaimedItem): string {
  return kind === "membership" ? membershipOf(key).sub : key;
}

/** Memberships follow from groups; accounts do where the file selects people by one. */
async function decidingAbout(
  { ledger, run }: Pick<SourceLook, "ledger" | "run">,
  file: Migration,
  { kind }: ClaimedItem,
): Promise<ReadonlySet<string> | null> {
  if (groupOf(file) === null && kind === "user") return null;
  const groups = await ledger.read((db) => readConfiguration<PoolGroup>(db, run.migrationId, "group"));
  return new Set(decidingGroups(file, groups));
}
