/**
 * Who may be mailed, made and let in, written from the documents alone: docs/resets.md ("Who is mailed", "What the file has
 * to choose"), docs/bridge.md ("Who is let in", "Who gets a mail") and docs/outcomes.md ("Reasons"). Of people who share
 * their address with nobody.
 */

export interface Person {
  status: string;
  enabled: boolean;
  verified: boolean;
  email: string;
}

export interface Case {
  /** By the last snapshot; null for somebody who signed up since, whom the bridge may have brought. */
  snapshot: Person | null;
  /** Null for somebody who is gone. */
  today: Person | null;
  decided: "skip" | "import" | null;
  file: {
    unverified: "undecided" | "skip" | "send";
    alreadyThere: "skip" | "send";
    acceptMfaLoss: boolean;
    onlyOurs: boolean;
    quarantined: "skip" | "import";
    unconfirmed: "skip" | "import";
  };
  poolHasFactors: boolean;
  /** At the destination, under the address that it has there, of which `verified` tells; null without one. */
  account: { how: "created" | "adopted"; signedIn: boolean; email: string; verified: boolean } | null;
  /** There was one, and somebody removed it. */
  removed: boolean;
}

const USUAL = ["CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "EXTERNAL_PROVIDER"];
const MAILED = ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"];
const isOurs = (email: string) => email.endsWith("@ours.example");

function isPlanned({ decided, file }: Case, { enabled, status }: Person): boolean {
  if (decided === "skip" || !enabled) return false;
  if (decided === "import") return true;
  if (!USUAL.includes(status)) return file.quarantined === "import";
  return status !== "UNCONFIRMED" || file.unconfirmed === "import";
}

const mayHavePassword = ({ enabled, status }: Person) => enabled && status !== "EXTERNAL_PROVIDER";
const isSame = (one: Person, other: Person | null) => JSON.stringify(one) === JSON.stringify(other);

/** Somebody with a password whose address is theirs, as far as this file goes. */
function mayGetLink({ file }: Case, { status, enabled, verified, email }: Person): boolean {
  const isTheirs = verified || (status === "CONFIRMED" && file.unverified === "send");
  return enabled && MAILED.includes(status) && isTheirs && (!file.onlyOurs || isOurs(email));
}

export function campaignMails(one: Case): boolean {
  const { snapshot, today, account, file, removed } = one;
  if (snapshot === null || account === null || removed || !isPlanned(one, snapshot)) return false;
  if (account.how === "adopted" && file.alreadyThere === "skip") return false;
  if (account.email !== snapshot.email) return false;
  return mayGetLink(one, snapshot) && isSame(snapshot, today);
}

/** Of somebody whom no snapshot lists, who was brought by the bridge, Cognito itself tells. */
export function knownOf({ snapshot, today, account }: Case): Person | null {
  return snapshot ?? (account === null ? null : today);
}

/** The address that is asked for is the one of the account, or of the snapshot where there is none. */
export function forgottenPasswordMails(one: Case): boolean {
  const { today, account, file, decided, poolHasFactors, removed } = one;
  const known = knownOf(one);
  // Nobody knows this address: there is nothing to mail.
  if (known === null || removed) return false;
  if (account === null && !known.verified) return false;
  if (!mayHavePassword(known) || (today !== null && !mayHavePassword(today))) return false;
  if (decided === "skip") return false;
  if (account?.signedIn && account.verified) return !file.onlyOurs || isOurs(account.email);
  if (account !== null && account.email !== known.email) return false;
  if (!isPlanned(one, known)) return false;
  if (!isSame(known, today) || (poolHasFactors && !file.acceptMfaLoss)) return false;
  return mayGetLink(one, { ...known, verified: known.verified || (account?.verified ?? false) });
}

/** With the right password of Cognito's, at a destination that asks the bridge about it. */
export function isProven(one: Case): boolean {
  const { today, removed } = one;
  if (today === null || removed) return false;
  // Cognito signs in nobody else, and the address has to be proven.
  return today.enabled && today.status === "CONFIRMED" && today.verified && isPlanned(one, today);
}

/** With the right password of Cognito's, which nobody has replaced, and the address of today. Also whom the bridge makes. */
export function isLetIn(one: Case): boolean {
  const { today, account } = one;
  if (account?.signedIn) return false;
  // WorkOS lets nobody in whose address it does not know as verified, nor by another one than it has.
  if (account !== null && (!account.verified || account.email !== today?.email)) return false;
  return isProven(one);
}
