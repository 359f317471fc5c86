import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { vendorOf } from "../destinations/registry.ts";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { FailedError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { writeAttributesJsonl } from "./attributes-jsonl.ts";
import { writeClientsCsv } from "./clients-csv.ts";
import { writeDifferencesCsv } from "./differences-csv.ts";
import { addFailedItems, addFailedMail, addFailedPerson, FAILURE_COLUMNS } from "./failures-csv.ts";
import { REPORT_FILES } from "./file-names.ts";
import { fillCsv, writeText } from "./files.ts";
import { prepareFolder } from "./folder.ts";
import { handOff } from "./handoff/hand-off.ts";
import { addToIdMap, addUnlistedToIdMap, ID_MAP_COLUMNS } from "./id-map-csv.ts";
import { LeftBehindTally } from "./left-behind-tally.ts";
import { writeMembershipsCsv } from "./memberships-csv.ts";
import { modeOf } from "./mode.ts";
import { allOutcomes } from "./outcomes.ts";
import type { ResetCounts } from "./reset-tally.ts";
import { writeResetsCsv } from "./resets-csv.ts";
import { readSetUp } from "./set-up.ts";
import { type Summary, summarize } from "./summary.ts";
import { SUMMARY_SCHEMA_FILE, summarySchemaText } from "./summary-schema.ts";
import { type Counts, OutcomeTally } from "./tally.ts";
import { writeUsersCsv } from "./users-csv.ts";

type ReportFile = (typeof REPORT_FILES)[number];

/**
 * Writes the report's files into `folder`, also while the run goes on; each appears whole or not at all. Asks the
 * ledger alone. Throws UsageError for a folder that holds something, unless `force` is set, and FailedError
 * where the files cannot be written.
 */
export async function writeReport(
  ledger: Ledger,
  migration: MigrationRow,
  folder: string,
  force = false,
): Promise<Summary> {
  await prepareFolder(folder, force);
  const unfinished = (name: ReportFile) => join(folder, `.${name}.${process.pid}`);
  try {
    const summary = await writeFiles(ledger, migration, unfinished);
    for (const name of REPORT_FILES) await rename(unfinished(name), join(folder, name));
    return summary;
  } catch (error) {
    // What was wrong says more than what cannot be cleared away.
    for (const name of REPORT_FILES) await rm(unfinished(name), { force: true }).catch(() => undefined);
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new FailedError(`The report cannot be written into ${folder}: ${fileTrouble(code)}.`);
  }
}

async function writeFiles(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: ReportFile) => string,
): Promise<Summary> {
  const vendor = vendorOf(migration.file.destination.kind);
  const { counts, resets } = await writePeople(ledger, migration, pathOf);
  const memberships = await writeMembershipsCsv(pathOf("memberships.csv"), ledger, migration);
  const differences = await writeDifferencesCsv(pathOf("differences.csv"), ledger, migration);
  const left = new LeftBehindTally();
  const jsonl = pathOf("attributes.jsonl");
  const people = await writeAttributesJsonl(jsonl, ledger, migration, vendor.rules.recordProblems, left);
  const setUp = await readSetUp(ledger, migration, vendor.rules);
  await writeClientsCsv(pathOf("clients.csv"), setUp.clients, modeOf(migration));
  const summary = await summarize(ledger, migration, {
    counts,
    memberships,
    attributesLeftBehind: left.counts(),
    providers: setUp.providers,
    resets,
    differences,
  });
  const input = { migration, setUp, vendor, peopleWithAttributes: people, summary };
  await writeText(pathOf("handoff.md"), handOff(input));
  await writeText(pathOf(SUMMARY_SCHEMA_FILE), summarySchemaText());
  const named = { $schema: SUMMARY_SCHEMA_FILE, ...summary };
  await writeText(pathOf("summary.json"), `${JSON.stringify(named, null, 2)}\n`);
  return summary;
}

/** The files that are made of everybody, one walk for each two or three. */
async function writePeople(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: ReportFile) => string,
): Promise<{ counts: Counts; resets: ResetCounts }> {
  const outcomes = new OutcomeTally();
  return fillCsv(pathOf("failures.csv"), FAILURE_COLUMNS, async (failures) => {
    await fillCsv(pathOf("id-map.csv"), ID_MAP_COLUMNS, async (idMap) => {
      const people = noting(allOutcomes(ledger, migration), async (person) => {
        outcomes.add(person);
        await addToIdMap(idMap, person);
        await addFailedPerson(failures, person);
      });
      await writeUsersCsv(pathOf("users.csv"), people, modeOf(migration));
      await addUnlistedToIdMap(idMap, ledger, migration);
    });
    const resets = await writeResetsCsv(pathOf("resets.csv"), ledger, migration, (standing) =>
      addFailedMail(failures, standing),
    );
    await addFailedItems(failures, ledger, migration);
    return { counts: outcomes.counts(), resets };
  });
}

async function* noting(
  users: AsyncIterable<UserOutcome>,
  note: (user: UserOutcome) => Promise<void>,
): AsyncGenerator<UserOutcome> {
  for await (const user of users) {
    await note(user);
    yield user;
  }
}
