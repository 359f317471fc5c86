import type { UserOutcome } from "../ledger/outcomes.ts";
import { explanationOfPerson } from "./explain.ts";
import type { CsvFile } from "./files.ts";
import type { ReportMode } from "./mode.ts";

export const USER_COLUMNS = [
  "cognito_sub",
  "outcome",
  "reason",
  "destination_id",
  "merged_into",
  "explanation",
  "mode",
];

export async function addUser(file: CsvFile, user: UserOutcome, mode: ReportMode): Promise<void> {
  const { sub, outcome, reason, destinationId, mergedInto } = user;
  await file.add([sub, outcome, reason, destinationId, mergedInto, explanationIn(mode, user), mode]);
}

function explanationIn(mode: ReportMode, user: UserOutcome): string {
  const isToCome = mode === "plan" && user.outcome === "imported" && user.destinationId === null;
  return isToCome ? "A run would import them." : explanationOfPerson(user);
}
