import type { Ledger } from "../ledger/ledger.ts";
import { activityFailures, type FailedUser, failedUsersAfter } from "../ledger/lookups.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { say, sayJson } from "./say.ts";

const SLICE_USERS = 1_000;

/** Lists the users who failed and the errors that nobody expected, with the vendor's own words. */
export async function showFailures(ledger: Ledger, migration: MigrationRow, json: boolean): Promise<void> {
  const errors = await ledger.read((db) => activityFailures(db, migration.id));
  if (json) {
    const users: Omit<FailedUser, "ordinal">[] = [];
    for await (const { ordinal: _, ...user } of failedUsers(ledger, migration)) users.push(user);
    return sayJson({ users, errors });
  }
  let count = 0;
  for await (const { sub, code, message } of failedUsers(ledger, migration)) {
    count += 1;
    say(`${sub}  ${code ?? ""}  ${message ?? ""}`);
  }
  if (count === 0) say("No user failed.");
  for (const { activity, failures, detail } of errors)
    say(`\nUnexpected in ${activity}, ${failures} times; the newest:\n${detail}`);
}

async function* failedUsers(ledger: Ledger, migration: MigrationRow): AsyncGenerator<FailedUser> {
  let after = 0;
  for (;;) {
    const position = after;
    const slice = await ledger.read((db) => failedUsersAfter(db, migration.id, position, SLICE_USERS));
    yield* slice;
    const last = slice.at(-1);
    if (last === undefined) return;
    after = last.ordinal;
  }
}
