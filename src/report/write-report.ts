import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { vendorOf } from "../destinations/registry.ts";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { FailedError } from "../exit.ts";
import { changedSince } from "../ledger/changed-since.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { writeClientsCsv } from "./clients-csv.ts";
import { writeDifferencesCsv } from "./differences-csv.ts";
import { isSameReport } from "./earlier-report.ts";
import { REPORT_FILES, UNDO_FILES } from "./file-names.ts";
import { writeText } from "./files.ts";
import { prepareFolder } from "./folder.ts";
import { handOff } from "./handoff/hand-off.ts";
import { reportPage } from "./html/page.ts";
import { writeMembershipsCsv } from "./memberships-csv.ts";
import { modeOf } from "./mode.ts";
import { daysOfMoves } from "./moved-by-bridge.ts";
import { NameTally } from "./name-tally.ts";
import { writePeople } from "./people-files.ts";
import { throughputOf } from "./phase-times.ts";
import { gateStatesOf, readSetUp } from "./set-up.ts";
import { type Summary, summarize } from "./summary.ts";
import { SUMMARY_SCHEMA_FILE, summarySchemaText } from "./summary-schema.ts";
import { type UndoneSummary, writeUndoFiles } from "./undo-report.ts";

type FileName = (typeof REPORT_FILES | typeof UNDO_FILES)[number];

/**
 * Writes the report's files into `folder`, also while the run goes on; each appears whole or not at all. Asks the
 * ledger alone. Throws UsageError for a folder that holds something else than an earlier report of the same, unless
 * `force` is set, and FailedError where the files cannot be written.
 */
export function writeReport(
  ledger: Ledger,
  migration: MigrationRow,
  folder: string,
  force = false,
): Promise<Summary> {
  return written(REPORT_FILES, migration, folder, force, (pathOf) => writeFiles(ledger, migration, pathOf));
}

/** The same of a migration that was undone, or is being undone. */
export function writeUndoReport(
  ledger: Ledger,
  migration: MigrationRow,
  folder: string,
  force = false,
): Promise<UndoneSummary> {
  return written(UNDO_FILES, migration, folder, force, (pathOf) => writeUndoFiles(ledger, migration, pathOf));
}

async function written<Name extends FileName, Result>(
  names: readonly Name[],
  migration: MigrationRow,
  folder: string,
  force: boolean,
  write: (pathOf: (name: Name) => string) => Promise<Result>,
): Promise<Result> {
  await prepareFolder(folder, (entries) => force || isSameReport(folder, entries, migration));
  // In containers every process has the same number: one that died here, or works beside this one.
  const ours = randomUUID();
  const unfinished = (name: Name) => join(folder, `.${name}.${ours}`);
  try {
    const result = await write(unfinished);
    for (const name of names) await rename(unfinished(name), join(folder, name));
    return result;
  } catch (error) {
    // What was wrong says more than what cannot be cleared away.
    for (const name of names) await rm(unfinished(name), { force: true }).catch(() => undefined);
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new FailedError(`The report cannot be written into ${folder}: ${fileTrouble(code)}.`);
  }
}

async function writeFiles(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: (typeof REPORT_FILES)[number]) => string,
): Promise<Summary> {
  const vendor = vendorOf(migration.file.destination.kind);
  const setUp = await readSetUp(ledger, migration, vendor.rules);
  const states = gateStatesOf(setUp.providers);
  const people = await writePeople(ledger, migration, pathOf, vendor.rules.recordProblems, states);
  const organizations = new NameTally();
  const path = pathOf("memberships.csv");
  const memberships = await writeMembershipsCsv(path, ledger, migration, organizations);
  const differences = await writeDifferencesCsv(pathOf("differences.csv"), ledger, migration);
  await writeClientsCsv(pathOf("clients.csv"), setUp.clients, modeOf(migration));
  const summary = await summarize(ledger, migration, {
    counts: people.counts,
    memberships,
    attributesLeftBehind: people.leftBehind,
    providers: setUp.providers,
    resets: people.resets,
    differences: differences.reduce((sum, { count }) => sum + count, 0),
  });
  const input = {
    ...{ migration, setUp, vendor, summary },
    peopleWithAttributes: people.withAttributes,
    changedSince: await changedSince(ledger, runOf(migration)),
  };
  await writeText(pathOf("handoff.md"), handOff(input));
  const page = await reportPage({
    ...input,
    signIns: people.signIns,
    undecided: people.undecided,
    differences,
    organizations: organizations.counts(),
    throughput: await throughputOf(ledger, runOf(migration)),
    bridge: await daysOfMoves(ledger, migration.id),
  });
  await writeText(pathOf("report.html"), page);
  await writeText(pathOf(SUMMARY_SCHEMA_FILE), summarySchemaText());
  const named = { $schema: SUMMARY_SCHEMA_FILE, ...summary };
  await writeText(pathOf("summary.json"), `${JSON.stringify(named, null, 2)}\n`);
  return summary;
}
