import type { RecordProblem, UserRecord } from "../domain/records.ts";
import { attributesOf } from "../ledger/attributes.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { type LeftAttribute, leftBehind } from "../plan/left-behind.ts";
import { toRecord } from "../plan/record.ts";
import { writeLines } from "./files.ts";
import type { LeftBehindTally } from "./left-behind-tally.ts";

type Slices = AsyncIterable<readonly UserOutcome[]>;
export type RecordProblems = (record: UserRecord) => RecordProblem[];

/**
 * One JSON line for each imported or merged person who has attributes that did not come along. What the file drops on
 * purpose is only counted. Returns how many people are in the file.
 */
export async function writeAttributesJsonl(
  path: string,
  ledger: Ledger,
  migration: MigrationRow,
  people: Slices,
  recordProblems: RecordProblems,
  tally: LeftBehindTally,
): Promise<number> {
  return writeLines(path, lines(ledger, migration, people, recordProblems, tally));
}

async function* lines(
  ledger: Ledger,
  migration: MigrationRow,
  slices: Slices,
  recordProblems: RecordProblems,
  tally: LeftBehindTally,
): AsyncGenerator<string> {
  for await (const slice of slices) {
    const people = slice.filter(({ outcome }) => outcome === "imported" || outcome === "merged");
    const subs = new Set(people.flatMap((person) => [person.sub, standingSub(person)]));
    const attributes = await ledger.read((db) => attributesOf(db, migration.id, [...subs]));
    for (const person of people) {
      const left = leftBy(person, migration, attributes, recordProblems);
      for (const one of left) tally.add(one);
      const exported = left.filter(({ why }) => why !== "dropped_by_file");
      if (exported.length > 0) yield lineOf(person, exported);
    }
  }
}

/** Whose attributes the person's account was made of. */
function standingSub({ sub, mergedInto }: UserOutcome): string {
  return mergedInto ?? sub;
}

function leftBy(
  person: UserOutcome,
  { file }: MigrationRow,
  attributes: ReadonlyMap<string, Readonly<Record<string, string>>>,
  recordProblems: RecordProblems,
): LeftAttribute[] {
  const sub = standingSub(person);
  const standing = attributes.get(sub) ?? {};
  const problems = recordProblems(toRecord(sub, standing, file.attributes, file.metadata));
  return leftBehind(file, attributes.get(person.sub) ?? {}, standing, problems);
}

function lineOf({ sub, destinationId }: UserOutcome, left: readonly LeftAttribute[]): string {
  return JSON.stringify({
    cognito_sub: sub,
    destination_id: destinationId,
    attributes: Object.fromEntries(left.map(({ attribute, value }) => [attribute, value])),
    why: Object.fromEntries(left.map(({ attribute, why }) => [attribute, why])),
  });
}
