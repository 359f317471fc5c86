import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { UserOutcome } from "../ledger/outcomes.ts";
import { explanationOf } from "./explain.ts";

const COLUMNS = ["cognito_sub", "outcome", "reason", "destination_id", "merged_into", "explanation"];
const OWNER_ONLY = 0o600;

/** One line per user. Values that a spreadsheet would take for a formula are made text. */
export async function writeUsersCsv(path: string, users: AsyncIterable<UserOutcome>): Promise<void> {
  const csv = stringify({ header: true, columns: COLUMNS, escape_formulas: true });
  await pipeline(rows(users), csv, createWriteStream(path, { mode: OWNER_ONLY, flags: "wx" }));
}

async function* rows(users: AsyncIterable<UserOutcome>): AsyncGenerator<(string | null)[]> {
  for await (const user of users)
    yield [user.sub, user.outcome, user.reason, user.destinationId, user.mergedInto, explanationOf(user)];
}
