import type { Ledger } from "../ledger/ledger.ts";
import { listedAmong } from "../ledger/named-people.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import { type Placed, placedAfter } from "../ledger/placed.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import type { CsvFile } from "./files.ts";

export const ID_MAP_COLUMNS = ["cognito_sub", "destination_id", "how"];
/** Bounds memory and keeps every statement short. */
const SLICE_ACCOUNTS = 1_000;

/** Whoever has an account, or was merged into somebody who has. */
export async function addToIdMap(
  file: CsvFile,
  { sub, outcome, destinationId, how }: UserOutcome,
): Promise<void> {
  if (destinationId !== null)
    await file.add([sub, destinationId, outcome === "merged" ? outcome : (how ?? null)]);
}

/** Whose account stands although the newest snapshot lists them no more, or not yet: the bridge brought them. */
export async function addUnlistedToIdMap(
  file: CsvFile,
  ledger: Ledger,
  { id, generation }: Pick<MigrationRow, "id" | "generation">,
): Promise<void> {
  const slices = slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => ledger.read((db) => placedAfter(db, id, "user", after, SLICE_ACCOUNTS)),
  );
  for await (const slice of slices) {
    const subs = slice.map(({ key }) => key);
    const listed = await ledger.read((db) => listedAmong(db, id, generation, subs));
    for (const { key, state, destinationId, how } of slice)
      if (state === "standing" && !listed.has(key)) await file.add([key, destinationId, how]);
  }
}
