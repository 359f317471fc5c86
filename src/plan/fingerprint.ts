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
    .map((name) => fieldOf(name, fields[name]))
    .join(" ");
}

/** Whether what has this fingerprint has this value in this field. */
export function hasField(fingerprint: string, name: string, value: unknown): boolean {
  return fingerprint.split(" ").includes(fieldOf(name, value));
}

function fieldOf(name: string, value: unknown): string {
  return `${encodeURIComponent(name)}:${hashOf(JSON.stringify(value ?? null))}`;
}

function hashOf(text: string): string {
  return hash("sha256", text, "base64url").slice(0, HASH_LENGTH);
}
