import { ITEM_PHASES, type ItemPhase } from "../domain/phases.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { settledBySlot, settledTimes, type TimeSlots } from "../ledger/queue-endings.ts";
import { lastOrdinal } from "../ledger/queue-questions.ts";
import type { RunOfMigration } from "../ledger/runs.ts";

/** When a phase of the newest run settled its items. */
export interface PhaseTimes {
  phase: ItemPhase;
  firstMs: number;
  lastMs: number;
  items: number;
  /** By slot. */
  settled: readonly number[];
}

export interface Throughput extends TimeSlots {
  /** In the order of the program; those that settled nothing are left out. */
  phases: readonly PhaseTimes[];
}

const MAX_SLOTS = 60;
const MIN_SLOT_MS = 1_000;
/** Keeps every statement short. */
const SLICE_ITEMS = 10_000;

/** Null where the newest run has settled nothing, as a plan never does. */
export async function throughputOf(ledger: Ledger, run: RunOfMigration): Promise<Throughput | null> {
  const edges: { phase: ItemPhase; firstMs: number; lastMs: number }[] = [];
  for (const phase of ITEM_PHASES) {
    const { firstMs, lastMs } = await ledger.read((db) => settledTimes(db, run, phase));
    if (firstMs !== null && lastMs !== null) edges.push({ phase, firstMs, lastMs });
  }
  if (edges.length === 0) return null;
  const fromMs = Math.min(...edges.map(({ firstMs }) => firstMs));
  const toMs = Math.max(...edges.map(({ lastMs }) => lastMs));
  const lengthMs = toMs - fromMs + 1;
  const slotMs = Math.max(MIN_SLOT_MS, Math.ceil(lengthMs / MAX_SLOTS));
  const slots = { fromMs, slotMs, count: Math.ceil(lengthMs / slotMs) };
  const phases: PhaseTimes[] = [];
  for (const edge of edges) {
    const settled = await settledIn(ledger, run, edge.phase, slots);
    phases.push({ ...edge, items: settled.reduce((sum, items) => sum + items, 0), settled });
  }
  return { fromMs, slotMs, phases };
}

async function settledIn(
  ledger: Ledger,
  run: RunOfMigration,
  phase: ItemPhase,
  slots: TimeSlots & { count: number },
): Promise<number[]> {
  const settled = Array<number>(slots.count).fill(0);
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  for (let from = 1; from <= last; from += SLICE_ITEMS) {
    const range = { from, to: from + SLICE_ITEMS - 1 };
    const rows = await ledger.read((db) => settledBySlot(db, run, phase, range, slots));
    // Whoever settles meanwhile comes after the last slot.
    for (const { slot, items } of rows) if (slot < slots.count) settled[slot] = (settled[slot] ?? 0) + items;
  }
  return settled;
}
