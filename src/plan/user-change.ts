import type { PlacedHow } from "../domain/books.ts";
import type { DestinationUser, UserRecord } from "../domain/records.ts";
import { changedFields, mayBeWritten, withFields, withUnknownFields } from "./fingerprint.ts";
import { fieldsOf, recordFingerprint } from "./record.ts";

/** What a later run changes in an account that stands. */

const ADDRESS = "email";
const VERIFIED = "emailVerified";

/** What is known of an account that stands. */
export interface StandingAccount {
  how: PlacedHow | null;
  /** Of each field as last confirmed written; null where nothing was. */
  fingerprint: string | null;
}

export interface AccountDifference {
  /** Fields that may be written, by their names in a fingerprint. */
  fields: readonly string[];
  /** It was made under another address than the person has now: a person decides. */
  hasOtherAddress: boolean;
}

/**
 * How what is to stand differs from what was written. The address is somebody's way in: it is written only where the
 * operator said so by name, and whether it is verified only with it. Both are left alone where the account was not made
 * here. Pure.
 */
export function accountDifference(
  { how, fingerprint }: StandingAccount,
  planned: string,
  isReaddressed: boolean,
): AccountDifference {
  const changed = changedFields(fingerprint, planned);
  const isOurs = how === "created" && fingerprint !== null;
  const hasOtherAddress = isOurs && changed.includes(ADDRESS);
  const isAddressFree = isOurs && (!hasOtherAddress || isReaddressed);
  const fields = changed.filter((name) => isAddressFree || (name !== ADDRESS && name !== VERIFIED));
  return { fields, hasOtherAddress: hasOtherAddress && !isReaddressed };
}

/** What is to become of an account that stands. */
export interface UserChange {
  destinationId: string;
  user: UserRecord;
  /** Of what was written last; null where nothing was. */
  written: string | null;
  /** That may be written. */
  fields: readonly string[];
  /** What becomes of a field that somebody else wrote there since. */
  changedThere: "keep" | "overwrite";
  /** The account is known to be made here. */
  isMadeHere?: boolean;
  /** When we last changed it, by the destination's clock; null where it is as it was created. */
  ourChangeMs: number | null;
}

export interface ToWrite {
  fields: string[];
  /** Somebody wrote something else there since: left as it is. */
  kept: string[];
  /** Of what is known to be written afterwards. */
  fingerprint: string;
}

/** Which fields are written into the account as it stands now. Pure. */
export function toWrite(found: DestinationUser, change: UserChange): ToWrite {
  const { user, written, changedThere, isMadeHere = false } = change;
  const [stands, planned] = [fieldsOf(found), fieldsOf(user)];
  const isAsPlanned = (name: string) => (stands.get(name) ?? null) === (planned.get(name) ?? null);
  const isOurs = (name: string) =>
    changedThere === "overwrite" || mayBeWritten(written, name, stands.get(name) ?? null);
  const open = change.fields.filter((name) => !isAsPlanned(name));
  // Whether it is verified is said of our address alone.
  const isWithAddress = isAsPlanned(ADDRESS) || (open.includes(ADDRESS) && isOurs(ADDRESS));
  const fields = open.filter((name) => isOurs(name) && (name !== VERIFIED || isWithAddress));
  const kept = open.filter((name) => !fields.includes(name));
  // Of an account of ours that nothing is known of any more, the address that stands is the one it was made under.
  const learned = isMadeHere && written === null ? [ADDRESS, VERIFIED].filter(isAsPlanned) : [];
  const known = [...change.fields.filter((name) => !kept.includes(name)), ...learned];
  const fingerprint = withFields(written, recordFingerprint(user), known);
  return { fields, kept, fingerprint: withUnknownFields(fingerprint, written === null ? kept : []) };
}
