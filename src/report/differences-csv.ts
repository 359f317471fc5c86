import { differenceSlices, type FoundDifference } from "../ledger/differences.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { writeCsv } from "./files.ts";

const COLUMNS = ["kind", "key", "difference", "field", "what_to_do"];

/** One line for each difference that the newest verify phase found; returns how many. */
export async function writeDifferencesCsv(
  path: string,
  ledger: Ledger,
  { id }: Pick<MigrationRow, "id">,
): Promise<number> {
  let count = 0;
  async function* rows(): AsyncGenerator<string[]> {
    for await (const slice of differenceSlices(ledger, id))
      for (const found of slice) {
        count += 1;
        yield [found.kind, found.key, found.difference, found.field, adviceOn(found)];
      }
  }
  await writeCsv(path, COLUMNS, rows());
  return count;
}

const ADVICE = {
  missing: "Somebody removed it, and Spillway does not make it again. Make it there where it is to stand.",
  surplus: "Nobody here made it. Remove it there unless it is to stand.",
  differs:
    "Somebody changed it there. Change it back where it is wrong: Spillway writes a value only when it changes in Cognito.",
};

function adviceOn({ kind, key, difference, field }: FoundDifference): string {
  if (field === "external_id") return "Another account has the person's key. Give it back there.";
  const person = kind === "user" ? ` Who it is: ./spillway lookup ${key}` : "";
  return `${ADVICE[difference]}${person}`;
}
