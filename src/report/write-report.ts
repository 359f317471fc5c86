import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { allOutcomes } from "./outcomes.ts";
import { type Summary, summarize } from "./summary.ts";
import { OutcomeTally } from "./tally.ts";
import { writeUsersCsv } from "./users-csv.ts";

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Writes users.csv and summary.json into `folder`, also while the run goes on; each appears whole or not at all.
 * Throws UsageError for a folder that holds something, unless `force` is set.
 */
export async function writeReport(
  ledger: Ledger,
  migration: MigrationRow,
  folder: string,
  force = false,
): Promise<Summary> {
  await prepare(folder, force);
  const unfinished = (name: string) => join(folder, `.${name}.${process.pid}`);
  try {
    const tally = new OutcomeTally();
    await writeUsersCsv(unfinished("users.csv"), counted(allOutcomes(ledger, migration), tally));
    const summary = await summarize(ledger, migration, tally.counts());
    const json = `${JSON.stringify(summary, null, 2)}\n`;
    await writeFile(unfinished("summary.json"), json, { mode: OWNER_ONLY, flag: "wx" });
    for (const name of ["users.csv", "summary.json"]) await rename(unfinished(name), join(folder, name));
    return summary;
  } catch (error) {
    for (const name of ["users.csv", "summary.json"]) await rm(unfinished(name), { force: true });
    throw error;
  }
}

async function prepare(folder: string, force: boolean): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    const entries = await readdir(folder);
    if (entries.length === 0 || force) return;
  } catch {
    throw new UsageError(`The folder ${folder} cannot be made or read; name another one with --out.`);
  }
  throw new UsageError(
    `The folder ${folder} is not empty; name another one with --out, or overwrite with --force.`,
  );
}

async function* counted(users: AsyncIterable<UserOutcome>, tally: OutcomeTally): AsyncGenerator<UserOutcome> {
  for await (const user of users) {
    tally.add(user);
    yield user;
  }
}
