/** How raw Cognito values are read. */

/** Longer than any address may be (RFC 5321, 4.5.3.1: 64 before the @, 255 after it). */
const ADDRESS_MAX_LENGTH = 320;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;
const WITHOUT_ADDRESS = "sub:";
const WITHOUT_SUB = "nosub:";

/** Letters beyond ASCII stay as they are: some fold into ASCII ones, and one person's name would be another's. */
export function inSmallLetters(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

const WHITE_SPACE = "\t\n\v\f\r ";

/** Without ASCII white space at its ends. By hand: a pattern takes the square of the spaces within. */
export function trimmedAscii(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && WHITE_SPACE.includes(text.charAt(from))) from += 1;
  while (from < to && WHITE_SPACE.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** Trimmed and in small letters, both in ASCII alone; null for an absent or empty address. */
export function normalizeEmail(email: string | undefined): string | null {
  const normalized = inSmallLetters(trimmedAscii(email ?? ""));
  return normalized === "" ? null : normalized;
}

/** Whether a normalised address may be compared with another. Of any other one nobody can tell whose it is. */
export function isPlainAddress(email: string): boolean {
  return (
    email.length <= ADDRESS_MAX_LENGTH && PRINTABLE_ASCII.test(email) && !email.startsWith(WITHOUT_ADDRESS)
  );
}

/** Cognito's truth values are strings; anything but "true" is not verified. */
export function isVerified(value: string | undefined): boolean {
  return value === "true";
}

/** A user who has no password at Cognito, only sign-ins at an identity provider. */
export function isFederatedOnly(status: string): boolean {
  return status === "EXTERNAL_PROVIDER";
}

/** Accounts with the same key are decided together. */
export function clusterKeyOf(email: string | null, sub: string): string {
  return email !== null && isPlainAddress(email) ? email : `${WITHOUT_ADDRESS}${sub}`;
}

/** Whether a cluster key stands for one account without an address of its own. */
export function isKeyOfOne(clusterKey: string): boolean {
  return clusterKey.startsWith(WITHOUT_ADDRESS);
}

/** What somebody is called here who has no sub. */
export function standInForSub(digest: string): string {
  return `${WITHOUT_SUB}${digest}`;
}

export function hasNoSub(sub: string): boolean {
  return sub.startsWith(WITHOUT_SUB);
}

/** Words that stand beside a telephone number. */
const OF_TELEPHONES = /\b(?:tel|phone|telephone|telefon|mobile|mobil|fax|ext|x)(?=\b|\d)/gi;
const LEAST_DIGITS = 6;

/** Whether a name from outside may be somebody's e-mail address or telephone number: then it is not told. */
export function mayBeAddress(name: string): boolean {
  // Characters of full width and the like read as the plain ones.
  const plain = name.normalize("NFKC");
  if (/@|%40/.test(plain)) return true;
  const digits = plain.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= LEAST_DIGITS && !/\p{L}/u.test(plain.replace(OF_TELEPHONES, ""));
}
