import type { Account } from "../destinations/sign-in.ts";
import { begin } from "../ledger/bridge.ts";
import { LedgerError } from "../ledger/errors.ts";
import type { Tx } from "../ledger/ledger.ts";
import { noteAsked, settleAsked } from "../ledger/mails.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { likeLostForMs } from "../ledger/unsent-links.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { recordFingerprint } from "../plan/record.ts";
import { languageOf, sendableRecord } from "../plan/sendable-record.ts";
import type { Addressee } from "./addressee.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps } from "./deps.ts";
import { whoIsMailed } from "./may-be-mailed.ts";
import { type NoAnswer, outage, problemOf } from "./outcomes.ts";
import { MAILS_SPENT, type Recipient, sendReset } from "./send-reset.ts";
import { servedMigration, whyNotBegun } from "./served.ts";
import { triedAgain } from "./tried-again.ts";
import { whileAwaited } from "./while-awaited.ts";

const LINK_JUST_LOST = "reset_link_just_lost";

/**
 * `accepted` says nothing about who has the address. What is left to do, `rest`, takes longer for somebody who is known:
 * it comes after the answer. Nobody waits for it but an undo, so nothing of it begins once `late` says so.
 */
export type ForgotOutcome = { kind: "accepted"; rest: (late: AbortSignal) => Promise<void> } | NoAnswer;

/** Somebody forgot their password. Asks the same of ledger and destination whoever it is. */
export async function forgotPassword(deps: BridgeDeps, email: string): Promise<ForgotOutcome> {
  // Only addresses of plain ASCII are compared with others.
  if (!isPlainAddress(email)) return { kind: "accepted", rest: async () => undefined };
  try {
    const served = await servedMigration(deps);
    if (!served.ok) return served.outcome;
    const { migration } = served;
    const { delivery } = migration.file.passwordResets;
    if (delivery === "own" && deps.mail === null) return outage("mail_not_set_up");
    const found = await deps.accounts.accountByEmail(email);
    if (!found.ok) return problemOf(found);
    return { kind: "accepted", rest: (late) => mailInTime(deps, late, migration, email, found.value) };
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

async function mailInTime(
  deps: BridgeDeps,
  late: AbortSignal,
  ...asked: [MigrationRow, email: string, Account | null]
): Promise<void> {
  try {
    await mailTo(whileAwaited(deps, late), ...asked);
  } catch (error) {
    if (!late.aborted) throw error;
    deps.onTrouble("too_slow");
  }
}

async function mailTo(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account | null,
): Promise<void> {
  // A look is of the quota that the campaign's looks are of. Whom operators have to be told costs time as well: it does so
  // whoever has the address.
  if (!(await deps.areMailsLeft())) return deps.onTrouble(MAILS_SPENT);
  const whose = await whoIsMailed(deps, migration, email, account);
  if (whose === null) return;
  // Whoever was not moved yet is imported first, so that there is an account to reset.
  if (account === null && !(await broughtOver(deps, migration, whose))) return;
  await mailOnce(deps, migration, recipientOf(whose));
}

function recipientOf({ email, user }: Addressee): Recipient {
  if (user === null) return { email, sub: "", language: null };
  return { email, sub: user.sub, language: languageOf(user.attributes) };
}

/**
 * The campaign leaves out whoever was mailed here: on disk before the mail, and taken back if there was none. Whoever asks
 * in somebody's name keeps nobody's password out by a link that the ledger knows. After a lost answer none goes out for
 * half a minute: a ledger restored from before this mail would take its link for the lost one, which nobody has.
 */
async function mailOnce(deps: BridgeDeps, migration: MigrationRow, recipient: Recipient): Promise<void> {
  const { ledger, destination, onTrouble, late } = deps;
  const { sub } = recipient;
  const { callTimeoutMs } = destination;
  if (
    sub !== "" &&
    (await ledger.read((db) => likeLostForMs(db, migration.id, { sub, callTimeoutMs }))) > 0
  ) {
    onTrouble(LINK_JUST_LOST);
    return;
  }
  const beganAtMs = performance.now();
  late.throwIfAborted();
  const note = async (tx: Tx) => (sub === "" ? undefined : noteAsked(tx, migration.id, sub));
  if (!(await begin(ledger, migration.id, note))) return onTrouble((await whyNotBegun(deps)).code);
  const sent = await sendReset(deps, migration.file, recipient);
  if (sub === "") return;
  const whose = { sub, callTimeoutMs, tookMs: performance.now() - beganAtMs };
  await ledger.writeSoon((tx) => settleAsked(tx, migration.id, whose, sent));
}

async function broughtOver(deps: BridgeDeps, migration: MigrationRow, { user }: Addressee): Promise<boolean> {
  if (user === null) return false;
  const { record } = sendableRecord(deps.destination, migration.file, user.sub, user.attributes);
  const person = { record, fingerprint: recordFingerprint(record) };
  const brought = await triedAgain(() => bringOver(deps, migration, person));
  if (!brought.ok) deps.onTrouble(brought.outcome.kind);
  return brought.ok;
}
