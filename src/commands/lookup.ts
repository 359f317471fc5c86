import { FailedError, UsageError } from "../exit.ts";
import { subsByAccount, subsByTakenBack } from "../ledger/accounts-by-id.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { subsByEmail } from "../ledger/lookups.ts";
import { isPurged, type MigrationRow, runOf } from "../ledger/runs.ts";
import { normalizeEmail } from "../plan/normalize.ts";
import { purgeText } from "../report/purge-text.ts";
import { snapshotOf } from "../report/summary.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { showFailures } from "./lookup-failures.ts";
import { type Person, personOf } from "./person.ts";
import { personJson } from "./person-json.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { storyText } from "./story-text.ts";

interface LookupOptions extends Choice {
  destinationId?: string;
  email?: boolean;
  failures?: boolean;
  json?: boolean;
}

export async function lookup(sub: string | undefined, options: LookupOptions): Promise<void> {
  const { destinationId, email, failures } = options;
  const asked = [sub !== undefined, destinationId !== undefined, email === true, failures === true];
  if (asked.filter(Boolean).length !== 1)
    throw new UsageError("Give lookup one of: a sub, --destination-id, --email or --failures.");
  if (sub?.includes("@") || destinationId?.includes("@"))
    throw new UsageError(
      "Addresses do not belong on a command line: use `./spillway lookup --email`, which asks for it.",
    );
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options, settings);
    if (failures) return showFailures(ledger, migration, options.json ?? false);
    const subs = await subsMeant(ledger, migration, sub, destinationId);
    await showPeople(ledger, migration, subs, options.json ?? false);
  });
}

async function subsMeant(
  ledger: Ledger,
  migration: MigrationRow,
  sub: string | undefined,
  destinationId: string | undefined,
): Promise<string[]> {
  if (sub !== undefined) return [sub];
  return destinationId === undefined
    ? subsOfAddress(ledger, migration)
    : subsOfAccount(ledger, migration, destinationId);
}

/** Of an account that is gone, too. */
async function subsOfAccount(ledger: Ledger, { id }: MigrationRow, userId: string): Promise<string[]> {
  const standing = await ledger.read((db) => subsByAccount(db, id, [userId]));
  const takenBack = await ledger.read((db) => subsByTakenBack(db, id, [userId]));
  const subs = new Set([...standing.values(), ...takenBack.values()]);
  if (subs.size === 0)
    throw new FailedError(
      `This migration knows no account ${userId} at the destination: it made, adopted and found none of that id.`,
    );
  return [...subs];
}

async function subsOfAddress(ledger: Ledger, migration: MigrationRow): Promise<string[]> {
  const purged = purgeText(migration.purge);
  if (purged !== null) throw new UsageError(`${purged} Nobody can be found by an address: look up a sub.`);
  const email = normalizeEmail(await readAddress());
  if (email === null) throw new UsageError("No e-mail address was given.");
  const subs = await ledger.read((db) => subsByEmail(db, migration, email));
  if (subs.length === 0)
    throw new FailedError(await whyUnlisted(ledger, migration, "whoever has this address"));
  return subs;
}

async function readAddress(): Promise<string> {
  if (process.stdin.isTTY) {
    const { input } = await import("@inquirer/prompts");
    return input({ message: "E-mail address:" });
  }
  let text = "";
  for await (const piece of process.stdin.setEncoding("utf8")) text += piece;
  return text.split("\n")[0] ?? "";
}

async function showPeople(
  ledger: Ledger,
  migration: MigrationRow,
  subs: readonly string[],
  json: boolean,
): Promise<void> {
  const people: Person[] = [];
  for (const sub of subs) {
    const person = await personOf(ledger, migration, sub);
    if (person === null) throw new FailedError(await whyUnlisted(ledger, migration, sub));
    people.push(person);
  }
  const { purge } = migration;
  const purgedAtMs = isPurged(migration) ? (purge?.purgedAtMs ?? null) : null;
  if (json) return sayJson(people.map((person) => ({ ...personJson(person), purgedAtMs })));
  const columns = columnsOf(process.stdout);
  const remark = purgeText(purge);
  const told = people.map((person) => storyText(person, columns));
  say([...told, ...(remark === null ? [] : [wrapped(remark, columns)])].join("\n\n\n"));
}

async function whyUnlisted(ledger: Ledger, migration: MigrationRow, whom: string): Promise<string> {
  const purged = purgeText(migration.purge);
  if (purged !== null) return `${purged} Nothing is known of ${whom}.`;
  if (migration.undo !== null)
    return `The newest run is an undo, which reads no pool, and the ledger knows nothing of ${whom}.`;
  if ((await snapshotOf(ledger, runOf(migration))) === "complete")
    return `The newest snapshot of the pool does not list ${whom}.`;
  return `The newest run has not read the whole pool yet, and ${whom} is not among those that it has read: look again after its phase "snapshot".`;
}
