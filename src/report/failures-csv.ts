import { CHANGED_IN_COGNITO, NO_CLEAR_ANSWER } from "../domain/outcomes.ts";
import { ITEM_PHASES, type ItemPhase } from "../domain/phases.ts";
import { argumentWords, shellLine, spillwayWords } from "../domain/shell-line.ts";
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

/** Whose failures they are. */
type Failed = Pick<MigrationRow, "id" | "generation" | "file">;

/** The vendor's own words may hold personal data, and stay in the ledger. */
export async function addFailedPerson(
  file: CsvFile,
  migration: Failed,
  { sub, outcome, reason }: UserOutcome,
): Promise<void> {
  if (outcome !== "failed") return;
  const advice = `What the destination said: ${lookingUp(sub)}. ${mended(migration, reason)}`;
  await file.add([sub, "users", "account", outcome, reason, advice]);
}

export async function addFailedMail(
  file: CsvFile,
  migration: Failed,
  { sub, outcome, reason }: ResetStanding,
): Promise<void> {
  if (outcome === "failed" || outcome === "unsettled")
    await file.add([sub, "resets", "mail", outcome, reason, adviceOnMail(migration, outcome, reason, sub)]);
}

/** What the newest run could not make beside people. */
export async function addFailedItems(file: CsvFile, ledger: Ledger, migration: Failed): Promise<void> {
  for (const phase of OTHER_PHASES) {
    const slices = slicesAfter(
      0,
      ({ ordinal }: FailedItem) => ordinal,
      (after) => ledger.read((db) => failedItemsAfter(db, runOf(migration), phase, after, SLICE_ITEMS)),
    );
    for await (const slice of slices) for (const item of slice) await file.add(rowOf(migration, phase, item));
  }
}

function rowOf(migration: Failed, phase: ItemPhase, { kind, key, code }: FailedItem): (string | null)[] {
  const { sub, what } =
    kind === "membership"
      ? { sub: membershipOf(key).sub, what: `membership of ${membershipOf(key).organization}` }
      : { sub: null, what: `${kind} ${key}` };
  const step = phase === "credentials" ? START_AGAIN : mended(migration, code);
  return [sub, phase, what, "failed", code, `What the destination said: ${lookingUp("--failures")}. ${step}`];
}

const START_AGAIN = "Mend it and start again.";

function lookingUp(what: string): string {
  return `\`${shellLine(["./spillway", "lookup", ...(what.startsWith("--") ? [what] : argumentWords(what))])}\``;
}

/** What follows once the cause is mended. */
function mended({ file }: Failed, code: string | null): string {
  if (code === CHANGED_IN_COGNITO) return "They have changed in Cognito since: start the migration again.";
  const again = `\`${shellLine(spillwayWords("redrive", [], [file.source.userPoolId]))}\``;
  return code === NO_CLEAR_ANSWER
    ? `${again} looks it up before it tries once more.`
    : `Mend it; then ${again} tries again what failed.`;
}

function adviceOnMail(
  migration: Failed,
  outcome: "failed" | "unsettled",
  reason: string | null,
  sub: string,
): string {
  if (outcome === "unsettled")
    return 'Ask whether the mail came: no run sends it again. Whoever got none uses "forgot password".';
  if (reason === NO_CLEAR_ANSWER) return "Ask whether the mail came before you start again: it may be out.";
  return `What whoever mails said: ${lookingUp(sub)}. ${mended(migration, reason)}`;
}
