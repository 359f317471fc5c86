import type { UserOutcome } from "../ledger/outcomes.ts";
import { explanationOfPerson } from "./explain.ts";
import { writeCsv } from "./files.ts";

const COLUMNS = ["cognito_sub", "outcome", "reason", "destination_id", "merged_into", "explanation"];

/** One line per user. */
export async function writeUsersCsv(path: string, users: AsyncIterable<UserOutcome>): Promise<void> {
  await writeCsv(path, COLUMNS, rows(users));
}

async function* rows(users: AsyncIterable<UserOutcome>): AsyncGenerator<(string | null)[]> {
  for await (const user of users)
    yield [
      user.sub,
      user.outcome,
      user.reason,
      user.destinationId,
      user.mergedInto,
      explanationOfPerson(user),
    ];
}
