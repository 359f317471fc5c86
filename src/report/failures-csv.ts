import { ITEM_PHASES, type ItemPhase } from "../domain/phases.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import { type FailedItem, failedItemsAfter } from "../ledger/queue-endings.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { membershipOf } from "../plan/keys.ts";
import type { ResetStanding } from "../plan/reset-standing.ts";
import type { CsvFile } from "./files.ts";

export const FAILURE_COLUMNS = ["cognito_sub", "phase", "what", "outcome", "code", "what_to_do"];
/** Bounds memory and keeps every statement short. */
const SLICE_ITEMS = 1_000;
/** People come from how they ended, so that those who were merged into somebody who failed are there as well. */
const OTHER_PHASES = ITEM_PHASES.filter((phase) => phase !== "users" && phase !== "resets");

/** The vendor's own words may hold personal data, and stay in the ledger. */
export async function addFailedPerson(file: CsvFile, { sub, outcome, reason }: UserOutcome): Promise<void> {
  if (outcome === "failed") await file.add([sub, "users", "account", outcome, reason, adviceOnPerson(sub)]);
}

export async function addFailedMail(file: CsvFile, { sub, outcome, reason }: ResetStanding): Promise<void> {
  if (outcome === "failed" || outcome === "unsettled")
    await file.add([sub, "resets", "mail", outcome, reason, adviceOnMail(outcome, reason, sub)]);
}

/** What the newest run could not make beside people. */
export async function addFailedItems(
  file: CsvFile,
  ledger: Ledger,
  migration: Pick<MigrationRow, "id" | "generation">,
): Promise<void> {
  for (const phase of OTHER_PHASES) {
    const slices = slicesAfter(
      0,
      ({ ordinal }: FailedItem) => ordinal,
      (after) => ledger.read((db) => failedItemsAfter(db, runOf(migration), phase, after, SLICE_ITEMS)),
    );
    for await (const slice of slices) for (const item of slice) await file.add(rowOf(phase, item));
  }
}

function rowOf(phase: ItemPhase, { kind, key, code }: FailedItem): (string | null)[] {
  const { sub, what } =
    kind === "membership"
      ? { sub: membershipOf(key).sub, what: `membership of ${membershipOf(key).organization}` }
      : { sub: null, what: `${kind} ${key}` };
  const advice = "What the destination said: `./spillway lookup --failures`. Mend it and start again.";
  return [sub, phase, what, "failed", code, code === NO_ANSWER ? LOOKED_UP_FIRST : advice];
}

const NO_ANSWER = "no_clear_answer";
const LOOKED_UP_FIRST = "Start again: the next run looks it up before it tries once more.";

function adviceOnPerson(sub: string): string {
  return `What the destination said: \`./spillway lookup ${sub}\`. Mend it and start again.`;
}

function adviceOnMail(outcome: "failed" | "unsettled", reason: string | null, sub: string): string {
  if (outcome === "unsettled")
    return 'Ask whether the mail came: no run sends it again. Whoever got none uses "forgot password".';
  if (reason === NO_ANSWER) return "Ask whether the mail came before you start again: it may be out.";
  return `What whoever mails said: \`./spillway lookup ${sub}\`. Mend it and start again.`;
}
