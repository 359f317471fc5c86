import { entityKindsAfter } from "../ledger/entity-counts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PhaseCounts } from "../ledger/phase-counts.ts";

/** Bounds memory and keeps every statement short. */
const SLICE_ENTITIES = 1_000;

/** Organizations, roles and applications by how they stand; those that are not planned yet count nowhere. */
export async function countEntities(
  ledger: Ledger,
  migrationId: number,
): Promise<Record<"organization" | "role" | "application", PhaseCounts>> {
  const counts = { organization: none(), role: none(), application: none() };
  for (const phase of ["credentials", "structure"] as const) {
    let after = 0;
    for (;;) {
      const position = after;
      const slice = await ledger.read((db) =>
        entityKindsAfter(db, migrationId, phase, position, SLICE_ENTITIES),
      );
      const last = slice.at(-1);
      if (last === undefined) break;
      for (const { kind, state } of slice)
        if (isCounted(counts, kind)) counts[kind][state === "sending" ? "pending" : state] += 1;
      after = last.ordinal;
    }
  }
  return counts;
}

function none(): PhaseCounts {
  return { pending: 0, done: 0, failed: 0, skipped: 0 };
}

function isCounted<Kind extends string>(counts: Record<Kind, PhaseCounts>, kind: string): kind is Kind {
  return Object.hasOwn(counts, kind);
}
