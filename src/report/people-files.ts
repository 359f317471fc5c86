import type { Ledger } from "../ledger/ledger.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { GateState } from "../plan/way-in.ts";
import { type RecordProblems, writeAttributesJsonl } from "./attributes-jsonl.ts";
import { addFailedItems, addFailedMail, addFailedPerson, FAILURE_COLUMNS } from "./failures-csv.ts";
import { type CsvFile, fillCsv } from "./files.ts";
import { addToIdMap, addUnlistedToIdMap, ID_MAP_COLUMNS } from "./id-map-csv.ts";
import { type LeftBehindCount, LeftBehindTally } from "./left-behind-tally.ts";
import { modeOf } from "./mode.ts";
import { outcomeSlices } from "./outcomes.ts";
import type { ResetCounts } from "./reset-tally.ts";
import { writeResetsCsv } from "./resets-csv.ts";
import { type SignInCounts, SignInTally } from "./sign-in-tally.ts";
import { type Counts, OutcomeTally } from "./tally.ts";
import { FirstUndecided, type Undecided } from "./undecided.ts";
import { addUser, USER_COLUMNS } from "./users-csv.ts";

/** The files that have a line for each person. */
type PeopleFile = "users.csv" | "id-map.csv" | "failures.csv" | "resets.csv" | "attributes.jsonl";

/** What those were counted to be who are in them. */
export interface People {
  counts: Counts;
  resets: ResetCounts;
  signIns: SignInCounts;
  undecided: readonly Undecided[];
  /** How many attributes.jsonl has. */
  withAttributes: number;
  leftBehind: LeftBehindCount[];
}

/** One walk over how people ended, and one over their mails. `states` are those of identity providers by name. */
export async function writePeople(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: PeopleFile) => string,
  recordProblems: RecordProblems,
  states: ReadonlyMap<string, GateState>,
): Promise<People> {
  const signIns = new SignInTally(states);
  return fillCsv(pathOf("failures.csv"), FAILURE_COLUMNS, async (failures) => {
    const ended = await writeOutcomes(ledger, migration, pathOf, recordProblems, failures);
    const resets = await writeResetsCsv(pathOf("resets.csv"), ledger, migration, {
      person: (person) => signIns.add(person),
      standing: (standing) => addFailedMail(failures, migration, standing),
    });
    await addFailedItems(failures, ledger, migration);
    return { ...ended, resets, signIns: signIns.counts() };
  });
}

async function writeOutcomes(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: PeopleFile) => string,
  recordProblems: RecordProblems,
  failures: CsvFile,
): Promise<Omit<People, "resets" | "signIns">> {
  const outcomes = new OutcomeTally();
  const undecided = new FirstUndecided();
  const left = new LeftBehindTally();
  const withAttributes = await fillCsv(pathOf("users.csv"), USER_COLUMNS, (users) =>
    fillCsv(pathOf("id-map.csv"), ID_MAP_COLUMNS, async (idMap) => {
      const slices = noting(outcomeSlices(ledger, migration), async (person) => {
        for (const tally of [outcomes, undecided]) tally.add(person);
        await addUser(users, person, modeOf(migration));
        await addToIdMap(idMap, person);
        await addFailedPerson(failures, migration, person);
      });
      const jsonl = pathOf("attributes.jsonl");
      const people = await writeAttributesJsonl(jsonl, ledger, migration, slices, recordProblems, left);
      await addUnlistedToIdMap(idMap, ledger, migration);
      return people;
    }),
  );
  return {
    counts: outcomes.counts(),
    undecided: undecided.people,
    withAttributes,
    leftBehind: left.counts(),
  };
}

async function* noting(
  slices: AsyncIterable<readonly UserOutcome[]>,
  note: (user: UserOutcome) => Promise<void>,
): AsyncGenerator<readonly UserOutcome[]> {
  for await (const slice of slices) {
    for (const user of slice) await note(user);
    yield slice;
  }
}
