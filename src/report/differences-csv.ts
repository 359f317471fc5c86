import { differenceSlices } from "../ledger/differences.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { knownAmong } from "../ledger/named-people.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { adviceOn, personOf } from "./difference-advice.ts";
import { type DifferenceCount, DifferenceTally } from "./difference-tally.ts";
import { writeCsv } from "./files.ts";

const COLUMNS = ["kind", "key", "difference", "field", "what_to_do"];

/** One line for each difference that the newest verify phase found; returns how many there are of each kind. */
export async function writeDifferencesCsv(
  path: string,
  ledger: Ledger,
  { id }: Pick<MigrationRow, "id">,
): Promise<DifferenceCount[]> {
  const tally = new DifferenceTally();
  async function* rows(): AsyncGenerator<string[]> {
    for await (const slice of differenceSlices(ledger, id)) {
      const people = slice.flatMap((found) => personOf(found) ?? []);
      const known = await ledger.read((db) => knownAmong(db, id, people));
      for (const found of slice) {
        tally.add(found);
        yield [found.kind, found.key, found.difference, found.field, adviceOn(found, known)];
      }
    }
  }
  await writeCsv(path, COLUMNS, rows());
  return tally.counts();
}
