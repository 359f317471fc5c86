import type { UserOutcome } from "../ledger/outcomes.ts";
import { explanationOfPerson } from "./explain.ts";
import { writeCsv } from "./files.ts";
import type { ReportMode } from "./mode.ts";

const COLUMNS = ["cognito_sub", "outcome", "reason", "destination_id", "merged_into", "explanation", "mode"];

/** One line per user. */
export async function writeUsersCsv(
  path: string,
  users: AsyncIterable<UserOutcome>,
  mode: ReportMode = "run",
): Promise<void> {
  await writeCsv(path, COLUMNS, rows(users, mode));
}

async function* rows(users: AsyncIterable<UserOutcome>, mode: ReportMode): AsyncGenerator<(string | null)[]> {
  for await (const user of users)
    yield [
      user.sub,
      user.outcome,
      user.reason,
      user.destinationId,
      user.mergedInto,
      explanationIn(mode, user),
      mode,
    ];
}

function explanationIn(mode: ReportMode, user: UserOutcome): string {
  const isToCome = mode === "plan" && user.outcome === "imported" && user.destinationId === null;
  return isToCome ? "A run would import them." : explanationOfPerson(user);
}
