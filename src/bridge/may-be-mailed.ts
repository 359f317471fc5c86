import { readPool } from "../ledger/configuration.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import { decidedOf } from "../plan/decide.ts";
import { type AskingPolicy, type KnownPerson, whyNoAskedMail } from "../plan/doors.ts";
import { isOfOtherDomain, type NoResetReason } from "../plan/reset-policy.ts";
import { standingOfRow } from "../plan/still-as-planned.ts";
import { type Addressee, whoseAddress } from "./addressee.ts";
import type { BridgeDeps } from "./deps.ts";
import { lookAtSource } from "./source-look.ts";
import { changedToday, NOBODY_ASKED, type Today } from "./today.ts";

const NOT_ASKED = "source_not_asked";
const NOT_ACCEPTED = "mfa_loss_not_accepted";

/**
 * Whether a reset mail may go to them: by the rules of the campaign as the snapshot has people, and once more as Cognito
 * has them now. Whom the snapshot refuses, Cognito is not asked about.
 */
export async function mayBeMailed(
  deps: BridgeDeps,
  migration: MigrationRow,
  whose: Addressee,
): Promise<boolean> {
  const { email, account, user } = whose;
  const hasSecondFactors = await poolHasSecondFactors(deps, migration);
  const policy = { resets: migration.file.passwordResets, hasSecondFactors };
  const listed = whyNotMailed(migration, whose, policy, NOBODY_ASKED);
  // Whoever asks hears nothing of it; operators may have to choose.
  if (listed === "second_factor") deps.onTrouble(NOT_ACCEPTED);
  if (listed !== null) return false;
  const looked = await lookAtSource(deps, migration, whose.restsOn);
  if (!looked.ok) {
    deps.onTrouble(NOT_ASKED);
    return false;
  }
  const now = await whoseAddress(deps, migration, email, account, looked.today);
  // The rules may choose somebody else today: the next run judges them.
  if (now === null || (now.user !== null && now.user.sub !== user?.sub)) return false;
  return whyNotMailed(migration, { ...whose, decision: now.decision }, policy, looked.today) === null;
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

async function poolHasSecondFactors({ ledger }: BridgeDeps, { id }: MigrationRow): Promise<boolean> {
  const pool = await ledger.read((db) => readPool(db, id));
  return pool !== undefined && pool.mfa !== "OFF";
}
