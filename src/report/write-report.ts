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
import { REPORT_FILES } from "./file-names.ts";
import { writeText } from "./files.ts";
import { prepareFolder } from "./folder.ts";
import { handOff } from "./handoff/hand-off.ts";
import { LeftBehindTally } from "./left-behind-tally.ts";
import { writeMembershipsCsv } from "./memberships-csv.ts";
import { allOutcomes } from "./outcomes.ts";
import { writeResetsCsv } from "./resets-csv.ts";
import { readSetUp } from "./set-up.ts";
import { type Summary, summarize } from "./summary.ts";
import { OutcomeTally, undecidedOf } from "./tally.ts";
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
  const outcomes = new OutcomeTally();
  await writeUsersCsv(pathOf("users.csv"), counted(allOutcomes(ledger, migration), outcomes));
  const memberships = await writeMembershipsCsv(pathOf("memberships.csv"), ledger, migration);
  const resets = await writeResetsCsv(pathOf("resets.csv"), ledger, migration);
  const differences = await writeDifferencesCsv(pathOf("differences.csv"), ledger, migration);
  const left = new LeftBehindTally();
  const jsonl = pathOf("attributes.jsonl");
  const people = await writeAttributesJsonl(jsonl, ledger, migration, vendor.rules.recordProblems, left);
  const setUp = await readSetUp(ledger, migration, vendor.rules);
  await writeClientsCsv(pathOf("clients.csv"), setUp.clients);
  const counts = outcomes.counts();
  const input = {
    migration,
    setUp,
    vendor,
    peopleWithAttributes: people,
    resets,
    undecided: undecidedOf(counts),
  };
  await writeText(pathOf("handoff.md"), handOff(input));
  const summary = await summarize(ledger, migration, {
    counts,
    memberships,
    attributesLeftBehind: left.counts(),
    providers: setUp.providers,
    resets,
    differences,
  });
  await writeText(pathOf("summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

async function* counted(users: AsyncIterable<UserOutcome>, tally: OutcomeTally): AsyncGenerator<UserOutcome> {
  for await (const user of users) {
    tally.add(user);
    yield user;
  }
}
