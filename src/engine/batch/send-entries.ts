import type { Item, Outcome } from "../../destinations/sending.ts";
import type { Slot } from "../pacer.ts";
import { GrantedCall, type SendPorts } from "./granted-call.ts";
import type { Lease } from "./lanes.ts";
import type { BatchPulse } from "./queue.ts";
import type { Entry, Work } from "./work.ts";

export interface SendOptions<Record> extends SendPorts {
  work: Work<Record>;
  pulse: Pick<BatchPulse, "during">;
  callTimeoutMs: number;
  takeSlot: () => Slot | null;
}

/** An outcome, and the doubt that its item had before it was sent. */
export interface Sent<Record> {
  entry: Entry<Record>;
  outcome: Outcome;
  wasInDoubt: boolean;
}

/**
 * Sends claimed items once. Rejects when the batch stops, or for what nobody expected: the entries say then what is in
 * doubt.
 */
export function sendEntries<Record>(
  options: SendOptions<Record>,
  entries: readonly Entry<Record>[],
  lease: Lease,
): Promise<Sent<Record>[]> {
  const { work, pulse, callTimeoutMs, takeSlot } = options;
  const { sender } = work;
  const before = entries.map((entry) => ({ entry, wasInDoubt: entry.inDoubt }));
  return pulse.during(callTimeoutMs, async (operation) => {
    const byItem = new Map(entries.map((entry): [Item<Record>, Entry<Record>] => [itemOf(entry), entry]));
    const call = new GrantedCall(options, {
      work,
      entries: byItem,
      lease,
      operation,
      takeSlot,
      callTimeoutMs,
    });
    const outcomes = await sender.send([...byItem.keys()], call).finally(() => call.end());
    return before.map((sent, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined || outcomes.length !== entries.length) throw nobodyKnows(entries);
      return { ...sent, outcome };
    });
  });
}

function itemOf<Record>(entry: Entry<Record>): Item<Record> {
  const { record, inDoubt, mayExist, lastTriedAtMs, claimed } = entry;
  const { key, firstClaimedAtMs } = claimed;
  return { key, record, firstClaimedAtMs, lastTriedAtMs, inDoubt: inDoubt || mayExist };
}

/** Outcomes that cannot be told apart say nothing about any of the items. */
function nobodyKnows<Record>(entries: readonly Entry<Record>[]): Error {
  for (const entry of entries) entry.inDoubt = true;
  return new Error("A sender gave another number of outcomes than it got items.");
}
