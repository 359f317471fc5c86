import { hash } from "node:crypto";

/** Of each field, in letters of six bits: enough to tell whether a value is still the one that was written. */
const HASH_LENGTH = 8;
/** People choose their addresses, and who stands for one hangs on it: nobody finds two that look alike. */
const EMAIL_HASH_LENGTH = 22;

/**
 * `field:hash` of each field, in order of name, separated by spaces: tells whether something is still what was written,
 * and in which fields it is not. Holds no value.
 */
export function fingerprintOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.keys(fields)
    .sort()
    .map((name) => fieldOf(name, fields[name]))
    .join(" ");
}

/** Whether what has this fingerprint has this value in this field. */
export function hasField(fingerprint: string, name: string, value: unknown): boolean {
  return fingerprint.split(" ").includes(fieldOf(name, value));
}

function fieldOf(name: string, value: unknown): string {
  const digest = hash("sha256", JSON.stringify(value ?? null), "base64url");
  return `${encodeURIComponent(name)}:${digest.slice(0, name === "email" ? EMAIL_HASH_LENGTH : HASH_LENGTH)}`;
}
