import { hash } from "node:crypto";

/** Of each field: long enough to tell whether a value is still the one that was written. */
const HASH_LENGTH = 8;

/**
 * `field:hash` of each field, in order of name, separated by spaces: tells whether something is still what was written,
 * and in which fields it is not. Holds no value.
 */
export function fingerprintOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.keys(fields)
    .sort()
    .map((name) => `${encodeURIComponent(name)}:${hashOf(JSON.stringify(fields[name] ?? null))}`)
    .join(" ");
}

function hashOf(text: string): string {
  return hash("sha256", text, "base64url").slice(0, HASH_LENGTH);
}
