import type { Account } from "../destinations/sign-in.ts";
import { bridgeUser, isOfAnotherPool } from "../ledger/bridge-people.ts";
import { readPool } from "../ledger/configuration.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import { decidedOf } from "../plan/decide.ts";
import { type AskingPolicy, type KnownPerson, whyNoAskedMail } from "../plan/doors.ts";
import { isOfOtherDomain, type NoResetReason } from "../plan/reset-policy.ts";
import { standingOfRow } from "../plan/still-as-planned.ts";
import { type Addressee, whoseAddress } from "./addressee.ts";
import type { BridgeDeps } from "./deps.ts";
import type { NoAnswer } from "./outcomes.ts";
import { lookAtSource, noAnswerOf, type RestsOn } from "./source-look.ts";
import { changedToday, NOBODY_ASKED, type Today } from "./today.ts";
import { triedAgain } from "./tried-again.ts";

const NOT_ASKED = "source_not_asked";
const NOT_ACCEPTED = "mfa_loss_not_accepted";

/**
 * To whom a reset mail may go; null for nobody. By the rules of the campaign as the snapshot has people and pool, and once
 * more as Cognito has them now. Whom the snapshot refuses, Cognito is not asked about; whom the snapshot does not list,
 * first of all.
 */
export async function whoIsMailed(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account | null,
): Promise<Addressee | null> {
  const first = await lookAtUnlisted(deps, migration, email, account);
  if (first === null) return null;
  const whose = await whoseAddress(deps, migration, email, account, first);
  if (whose === null) return null;
  const resets = migration.file.passwordResets;
  const known = { resets, hasSecondFactors: await hadSecondFactors(deps, migration) };
  const listed = whyNotMailed(migration, whose, known, NOBODY_ASKED);
  if (listed !== null) return refused(deps, listed);
  const { user, restsOn } = whose;
  const today = await lookedAt(deps, migration, restsOn, user?.sub ?? null);
  if (today === null) return null;
  const now = await whoseAddress(deps, migration, email, account, today);
  // The rules may choose somebody else today: the next run judges them.
  if (now === null || (user !== null && now.user !== null && now.user.sub !== user.sub)) return null;
  const judged = user === null ? now : { ...whose, decision: now.decision };
  const whyNot = (hasSecondFactors: boolean) =>
    whyNotMailed(migration, judged, { resets, hasSecondFactors }, today);
  let why = whyNot(true);
  // Only then does it depend on the pool.
  if (why === "second_factor") {
    const asked = await triedAgain(() => poolToday(deps));
    if (!asked.ok) return notAsked(deps, asked.outcome);
    why = whyNot(asked.value);
  }
  return why === null ? judged : refused(deps, why);
}

/** Whoever asks hears nothing of it; operators may have to choose. */
function refused({ onTrouble }: BridgeDeps, why: NoResetReason): null {
  if (why === "second_factor") onTrouble(NOT_ACCEPTED);
  return null;
}

function notAsked({ onTrouble }: BridgeDeps, outcome: NoAnswer): null {
  onTrouble(NOT_ASKED, outcome.kind === "outage" ? outcome.code : outcome.kind);
  return null;
}

async function poolToday({ poolHasFactors }: BridgeDeps) {
  const asked = await poolHasFactors();
  return asked.ok ? asked : ({ ok: false, outcome: noAnswerOf("DescribeUserPool", asked) } as const);
}

/** Whose key the account has, whom no snapshot lists: nobody else knows whether Cognito has them. Null without an answer. */
async function lookAtUnlisted(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account | null,
): Promise<Today | null> {
  const sub = account?.externalId ?? null;
  if (sub === null) return NOBODY_ASKED;
  const isKnown = await deps.ledger.read(
    async (db) =>
      (await bridgeUser(db, migration, sub)) !== undefined || (await isOfAnotherPool(db, migration, sub)),
  );
  return isKnown ? NOBODY_ASKED : lookedAt(deps, migration, { addresses: [email], subs: [] }, sub);
}

async function lookedAt(
  deps: BridgeDeps,
  migration: MigrationRow,
  restsOn: RestsOn,
  sub: string | null,
): Promise<Today | null> {
  const looked = await triedAgain(() => lookAtSource(deps, migration, restsOn, sub));
  return looked.ok ? looked.today : notAsked(deps, looked.outcome);
}

function whyNotMailed(
  { file }: MigrationRow,
  { email, account, user, owner, decision }: Addressee,
  policy: AskingPolicy,
  today: Today,
): NoResetReason | null {
  if (user === null) return isOfOtherDomain(email, policy.resets) ? "other_domain" : null;
  const known = (row: SourceUserRow): KnownPerson => {
    const standing = standingOfRow(row);
    const isLeftOut = decidedOf(row, file) === "skip";
    return { ...standing, isLeftOut, changed: changedToday(row.sub, standing, today) };
  };
  const person = {
    ...known(user),
    asked: email,
    decision,
    owner: owner === null ? null : known(owner),
    hasSignedIn: account?.hasSignedIn ?? false,
    isVerifiedThere: account?.emailVerified ?? false,
  };
  return whyNoAskedMail(person, policy);
}

async function hadSecondFactors({ ledger }: BridgeDeps, { id }: MigrationRow): Promise<boolean> {
  const pool = await ledger.read((db) => readPool(db, id));
  return pool !== undefined && pool.mfa !== "OFF";
}
