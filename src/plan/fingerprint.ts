import { hash } from "node:crypto";

/** Of each field, in letters of six bits: enough to tell whether a value is still the one that was written. */
const HASH_LENGTH = 8;
/** People choose their addresses, and who stands for one hangs on it: nobody finds two that look alike. */
const EMAIL_HASH_LENGTH = 22;
/** Between the values of which one was written, and nobody knows which. */
const OR = "|";
/** A value that nobody here wrote: no other one is like it. */
const UNKNOWN = "?";

/**
 * `field:hash` of each field, in order of name, separated by spaces: tells whether something is still what was written,
 * and in which fields it is not. Holds no value. A list counts as a set, and a field that is not there as null.
 */
export function fingerprintOf(fields: Readonly<Record<string, unknown>>): string {
  return textOf(new Map(Object.entries(fields).map(([name, value]) => [name, hashOf(name, value)])));
}

/** The fields of which a fingerprint tells, in order of name. */
export function fieldsIn(fingerprint: string): string[] {
  return [...hashesOf(fingerprint).keys()].sort();
}

/** Whether what has this fingerprint has, or may have, this value in this field. */
export function hasField(fingerprint: string, name: string, value: unknown): boolean {
  const hashes = hashesOf(fingerprint);
  return hashes.has(name) && hashesIn(hashes, name).includes(hashOf(name, value));
}

/** Whether what was written here may be this value; false where nothing is known of the field. */
export function mayBeWritten(written: string | null, name: string, value: unknown): boolean {
  return written !== null && hashesIn(hashesOf(written), name).includes(hashOf(name, value));
}

/**
 * The fields of a fingerprint in which something holds another value, in order of name. `nulls`: whether a field that is to
 * hold nothing counts, too. What nobody here wrote is left out.
 */
export function fieldsOtherThan(
  written: string,
  standing: ReadonlyMap<string, unknown>,
  { nulls }: { nulls: boolean },
): string[] {
  const hashes = hashesOf(written);
  return [...hashes.keys()].filter((name) => {
    const allowed = hashesIn(hashes, name);
    if (allowed.includes(UNKNOWN) || (!nulls && allowed.includes(hashOf(name, null)))) return false;
    return !allowed.includes(hashOf(name, standing.get(name) ?? null));
  });
}

/** The fields in which what is to stand is not known to be what was written, in order of name; all where nothing was. */
export function changedFields(written: string | null, planned: string): string[] {
  // Of almost everybody, in almost every run.
  if (written === planned) return [];
  const [before, after] = [hashesOf(written ?? ""), hashesOf(planned)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => written === null || hashIn(before, name) !== hashIn(after, name)).sort();
}

/** What is known to be written once these fields are as planned, and the others as they were. */
export function withFields(written: string | null, planned: string, names: readonly string[]): string {
  const [known, after] = [hashesOf(written ?? ""), hashesOf(planned)];
  for (const name of names) setHash(known, name, after.get(name));
  return textOf(known);
}

/** The same, with fields that somebody else wrote: these are like no plan, until they are. */
export function withUnknownFields(fingerprint: string, names: readonly string[]): string {
  const known = hashesOf(fingerprint);
  for (const name of names) if (!known.has(name)) known.set(name, UNKNOWN);
  return textOf(known);
}

/** Each of these fields is as it was written, or as planned. */
export function withEitherField(written: string | null, planned: string, names: readonly string[]): string {
  const [known, after] = [hashesOf(written ?? ""), hashesOf(planned)];
  for (const name of names) {
    const either = new Set([...hashesIn(known, name), hashIn(after, name)]);
    known.set(name, [...either].join(OR));
  }
  return textOf(known);
}

function hashesIn(hashes: ReadonlyMap<string, string>, name: string): string[] {
  return hashIn(hashes, name).split(OR);
}

function hashIn(hashes: ReadonlyMap<string, string>, name: string): string {
  return hashes.get(name) ?? hashOf(name, null);
}

function setHash(hashes: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) hashes.delete(name);
  else hashes.set(name, value);
}

function hashesOf(fingerprint: string): Map<string, string> {
  const fields = fingerprint === "" ? [] : fingerprint.split(" ");
  return new Map(
    fields.map((field) => {
      const [name = "", digest = ""] = field.split(":");
      return [decodeURIComponent(name), digest];
    }),
  );
}

function textOf(hashes: ReadonlyMap<string, string>): string {
  return [...hashes.keys()]
    .sort()
    .map((name) => `${encodeURIComponent(name)}:${hashes.get(name)}`)
    .join(" ");
}

function hashOf(name: string, value: unknown): string {
  const plain = Array.isArray(value) ? value.toSorted() : (value ?? null);
  const digest = hash("sha256", JSON.stringify(plain), "base64url");
  return digest.slice(0, name === "email" ? EMAIL_HASH_LENGTH : HASH_LENGTH);
}
