import { ITEM_PHASES, type ItemPhase } from "../domain/phases.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { activityFailures } from "../ledger/lookups.ts";
import { type FailedItem, failedItemsAfter } from "../ledger/queue-endings.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { say, sayJsonMembers, sayPart } from "./say.ts";

const SLICE_ITEMS = 1_000;
const OTHER_PHASES = ITEM_PHASES.filter((phase) => phase !== "users");

interface Failure {
  phase: ItemPhase;
  /** A user's sub, or what else failed. */
  sub: string;
  code: string | null;
  message: string | null;
}

/** Lists who and what failed and the errors that nobody expected, with the vendor's own words. */
export async function showFailures(ledger: Ledger, migration: MigrationRow, json: boolean): Promise<void> {
  const errors = await ledger.read((db) => activityFailures(db, migration.id));
  if (json) return printJson(ledger, migration, errors);
  let count = 0;
  for await (const { sub, code, message } of failuresOf(ledger, migration, ["users"])) {
    count += 1;
    say(terminalText(`${sub}  ${code ?? ""}  ${message ?? ""}`));
  }
  if (count === 0) say("No import failed.");
  for await (const { phase, sub, code, message } of failuresOf(ledger, migration, OTHER_PHASES))
    say(terminalText(`${phase}  ${sub}  ${code ?? ""}  ${message ?? ""}`));
  for (const { activity, failures, detail } of errors)
    say(`\nUnexpected in ${activity}, ${failures} times; the newest:\n${detail}`);
}

async function printJson(ledger: Ledger, migration: MigrationRow, errors: readonly object[]): Promise<void> {
  await sayPart('{"users":[');
  await sayJsonMembers(usersAsJson(ledger, migration));
  await sayPart('\n],\n"others":[');
  await sayJsonMembers(failuresOf(ledger, migration, OTHER_PHASES));
  await sayPart(`\n],\n"errors":${JSON.stringify(errors)}}\n`);
}

async function* usersAsJson(ledger: Ledger, migration: MigrationRow): AsyncGenerator<Omit<Failure, "phase">> {
  for await (const { phase: _, ...user } of failuresOf(ledger, migration, ["users"])) yield user;
}

async function* failuresOf(
  ledger: Ledger,
  migration: MigrationRow,
  phases: readonly ItemPhase[],
): AsyncGenerator<Failure> {
  for (const phase of phases) {
    const slices = slicesAfter(
      0,
      ({ ordinal }: FailedItem) => ordinal,
      (after) => ledger.read((db) => failedItemsAfter(db, runOf(migration), phase, after, SLICE_ITEMS)),
    );
    for await (const slice of slices)
      for (const { kind, key, code, message } of slice)
        yield { phase, sub: kind === "user" ? key : `${kind}:${key}`, code, message };
  }
}
