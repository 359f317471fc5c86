import type { Ledger } from "../ledger/ledger.ts";
import { outcomesAfter, type UserOutcome } from "../ledger/outcomes.ts";

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
export async function* outcomeSlices(
  ledger: Ledger,
  migration: { id: number; generation: number },
): AsyncGenerator<UserOutcome[]> {
  let after = "";
  for (;;) {
    const position = after;
    const slice = await ledger.read((db) => outcomesAfter(db, migration, position, SLICE_USERS));
    const last = slice.at(-1);
    if (last === undefined) return;
    yield slice;
    after = last.sub;
  }
}
