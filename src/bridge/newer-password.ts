import type { Answer } from "../destinations/destination.ts";
import { CLOCK_TOLERANCE_MS } from "../destinations/sending.ts";
import type { Account } from "../destinations/sign-in.ts";
import { type NewerPassword, newerPassword } from "../ledger/newer-password.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NotSignedIn, problemOf, RESET_REQUIRED, WRONG } from "./outcomes.ts";
import { OVERLAP_EVERY_MS, recordOf } from "./reset-tail.ts";

/**
 * Of more open links nobody is asked any more whether they were used. Anybody can have links made for an address: fewer
 * would let strangers keep its owner's password out, and each one is a call before the answer. All go out at once, as what
 * is seen has to be of one moment.
 */
const MAX_LINKS = 50;

/** What is known of an account that may hold a newer password than Cognito. */
export interface Look {
  account: Answer<Account | null>;
  /** Every reset that was listed before is in the ledger. */
  copied: Answer<null>;
  known: NewerPassword;
  /** For each link whether it can still be used. */
  unused: readonly Answer<boolean>[];
  /** When the first of the destination's answers came: what was done there since may not show. */
  seenAtMs: number;
}

/** What takes long comes first, so that the answers of the destination, which come last, are of one moment. */
export async function look(
  { ledger, accounts, resets, destination }: BridgeDeps,
  migrationId: number,
  { sub, accountId }: { sub: string; accountId: string },
  lookUp: () => Promise<Answer<Account | null>>,
): Promise<Look> {
  const copied = await resets.catchUp(migrationId);
  const { lagMs } = recordOf(destination);
  const known = await ledger.read((db) =>
    newerPassword(
      db,
      migrationId,
      { sub, accountId },
      {
        pastMs: lagMs + CLOCK_TOLERANCE_MS,
        unlistedMs: destination.callTimeoutMs + lagMs + OVERLAP_EVERY_MS,
      },
    ),
  );
  let seenAtMs = Number.POSITIVE_INFINITY;
  const seen = async <T>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    seenAtMs = Math.min(seenAtMs, performance.now());
    return answer;
  };
  const links = isOneEnough(known) ? [] : known.resetIds;
  const [account, unused] = await Promise.all([
    seen(lookUp()),
    Promise.all(links.map((id) => seen(accounts.isResetUnused(id)))),
  ]);
  return { account, copied, known, unused, seenAtMs };
}

/** Whether a newer password may stand there whatever each link says. */
function isOneEnough({ isReset, isLinkUnknown, resetIds }: NewerPassword): boolean {
  return isReset || isLinkUnknown || resetIds.length > MAX_LINKS;
}

/**
 * Why somebody's password at Cognito must not replace what stands in their account; null where nothing newer stands there.
 * The events that were copied are complete but for those of the last minute or so. What may be among them says the account
 * itself, which tells when it was changed, and the record of each link that may have been used.
 */
export function whyNotReplaced(
  { changedAccounts }: Pick<BridgeDeps, "changedAccounts">,
  account: Account,
  { copied, known, unused }: Look,
): NotSignedIn | null {
  if (!copied.ok) return problemOf(copied);
  if (known.isReset) return WRONG;
  const ourChangeMs = Math.max(account.createdAtMs, known.changedAtMs ?? 0);
  // Nothing tells a name from a password.
  if (account.changedAtMs > ourChangeMs && changedAccounts === "reset") return RESET_REQUIRED;
  if (isOneEnough(known)) return RESET_REQUIRED;
  for (const answer of unused) {
    if (!answer.ok) return problemOf(answer);
    if (!answer.value) return RESET_REQUIRED;
  }
  return null;
}
