import { UsageError } from "../exit.ts";
import { resetStatesOf } from "../ledger/campaign.ts";
import { differencesOfPerson } from "../ledger/differences.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { fateOf, mailMessage, subsByEmail } from "../ledger/lookups.ts";
import { isPurged, type MigrationRow, runOf } from "../ledger/runs.ts";
import { normalizeEmail } from "../plan/normalize.ts";
import { type ResetStanding, resetStanding } from "../plan/reset-standing.ts";
import { adviceOn } from "../report/difference-advice.ts";
import { explanationOfPerson } from "../report/explain.ts";
import { purgeText } from "../report/purge-text.ts";
import { snapshotOf } from "../report/summary.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { fateText, type PersonFate } from "./fate-text.ts";
import { showFailures } from "./lookup-failures.ts";
import { mailText } from "./mail-text.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { columnsOf, wrapped } from "./wrap.ts";

interface LookupOptions extends Choice {
  email?: boolean;
  failures?: boolean;
  json?: boolean;
}

export async function lookup(sub: string | undefined, options: LookupOptions): Promise<void> {
  const asked = [sub !== undefined, options.email === true, options.failures === true].filter(Boolean);
  if (asked.length !== 1) throw new UsageError("Give lookup one of: a sub, --email or --failures.");
  if (sub?.includes("@"))
    throw new UsageError(
      "Addresses do not belong on a command line: use `./spillway lookup --email`, which asks for it.",
    );
  const ledger = await openExistingLedger(requiredSettings().ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options);
    if (options.failures) return showFailures(ledger, migration, options.json ?? false);
    const subs = sub === undefined ? await subsOfAddress(ledger, migration) : [sub];
    await showFates(ledger, migration, subs, options.json ?? false);
  });
}

async function subsOfAddress(ledger: Ledger, migration: MigrationRow): Promise<string[]> {
  const purged = purgeText(migration.purge);
  if (purged !== null) throw new UsageError(`${purged} Nobody can be found by an address: look up a sub.`);
  const email = normalizeEmail(await readAddress());
  if (email === null) throw new UsageError("No e-mail address was given.");
  const subs = await ledger.read((db) => subsByEmail(db, migration, email));
  if (subs.length === 0)
    throw new UsageError(await whyUnlisted(ledger, migration, "whoever has this address"));
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

async function showFates(
  ledger: Ledger,
  migration: MigrationRow,
  subs: readonly string[],
  json: boolean,
): Promise<void> {
  const fates: PersonFate[] = [];
  for (const sub of subs) {
    fates.push(await fateOfPerson(ledger, migration, sub));
  }
  const { purge } = migration;
  const purgedAtMs = isPurged(migration) ? (purge?.purgedAtMs ?? null) : null;
  if (json) return sayJson(fates.map((fate) => ({ ...explained(fate), purgedAtMs })));
  const columns = columnsOf(process.stdout);
  const remark = purgeText(purge);
  const told = fates.map((fate) => fateText(fate, columns));
  say([...told, ...(remark === null ? [] : [wrapped(remark, columns)])].join("\n\n"));
}

function explained(fate: PersonFate) {
  const { resetMail, differences } = fate;
  return {
    ...fate,
    differences: differences.map((found) => ({ ...found, whatToDo: adviceOn(found) })),
    explanation: explanationOfPerson(fate),
    resetMail: resetMail === null ? null : { ...resetMail, explanation: mailText(resetMail) },
  };
}

async function fateOfPerson(ledger: Ledger, migration: MigrationRow, sub: string): Promise<PersonFate> {
  const fate = await ledger.read((db) => fateOf(db, migration, sub));
  if (fate === undefined) throw new UsageError(await whyUnlisted(ledger, migration, sub));
  const states = await ledger.read((db) => resetStatesOf(db, runOf(migration), [sub]));
  const state = states.get(sub);
  const standing = state === undefined ? null : resetStanding(state, migration.file.passwordResets);
  const message = await ledger.read((db) => mailMessage(db, runOf(migration), sub));
  const resetMail = standing === null ? null : { ...mailOf(standing), message };
  const differences = await ledger.read((db) => differencesOfPerson(db, migration.id, sub));
  return { ...fate, movedByBridge: state?.moved ?? false, differences, resetMail };
}

async function whyUnlisted(ledger: Ledger, migration: MigrationRow, whom: string): Promise<string> {
  const purged = purgeText(migration.purge);
  if (purged !== null) return `${purged} Nothing is known of ${whom}.`;
  if ((await snapshotOf(ledger, runOf(migration))) === "complete")
    return `The newest snapshot of the pool does not list ${whom}.`;
  return `The newest run has not read the whole pool yet, and ${whom} is not among those that it has read: look again after its phase "snapshot".`;
}

function mailOf({ outcome, reason, settledAtMs }: ResetStanding) {
  return { outcome, reason, settledAtMs };
}
