import type { Ledger } from "../ledger/ledger.ts";
import { outcomesAfter, type UserOutcome } from "../ledger/outcomes.ts";
import { slicesAfter } from "../ledger/slices.ts";

/** Bounds memory and keeps every statement short. */
const SLICE_USERS = 1_000;

/** Everyone's outcome in order of sub, a slice in memory at a time. */
export async function* allOutcomes(
  ledger: Ledger,
  migration: { id: number; generation: number },
): AsyncGenerator<UserOutcome> {
  for await (const slice of outcomeSlices(ledger, migration)) yield* slice;
}

/** The same, slice by slice. */
export function outcomeSlices(
  ledger: Ledger,
  migration: { id: number; generation: number },
): AsyncGenerator<readonly UserOutcome[]> {
  return slicesAfter(
    "",
    ({ sub }: UserOutcome) => sub,
    (after) => ledger.read((db) => outcomesAfter(db, migration, after, SLICE_USERS)),
  );
}
