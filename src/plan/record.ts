import { createHash } from "node:crypto";
import type { UserRecord } from "../destinations/destination.ts";
import type { Migration } from "../migration.ts";
import { isVerified, normalizeEmail } from "./normalize.ts";

type Attributes = Readonly<Record<string, string>>;
type Mapping = Migration["attributes"];

/** What the destination is to hold for a source user who has an e-mail address. Pure. */
export function toRecord(sub: string, attributes: Attributes, mapping: Mapping): UserRecord {
  return {
    externalId: sub,
    email: normalizeEmail(attributes.email) ?? "",
    emailVerified: isVerified(attributes.email_verified),
    ...names(attributes),
    metadata: metadata(attributes, mapping),
  };
}

function names(attributes: Attributes): Pick<UserRecord, "firstName" | "lastName"> {
  const firstName = trimmed(attributes.given_name);
  const lastName = trimmed(attributes.family_name);
  if (firstName !== null || lastName !== null) return { firstName, lastName };
  const words = (trimmed(attributes.name) ?? "").split(/\s+/).filter((word) => word !== "");
  if (words.length < 2) return { firstName: words[0] ?? null, lastName: null };
  return { firstName: words.slice(0, -1).join(" "), lastName: words.at(-1) ?? null };
}

function trimmed(value: string | undefined): string | null {
  const text = (value ?? "").trim();
  return text === "" ? null : text;
}

function metadata(attributes: Attributes, mapping: Mapping): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [attribute, key] of Object.entries(mapping)) {
    const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (value !== undefined && value !== "") entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** The record without the values that the destination would refuse. `fields` are names as `recordProblems` gives. */
export function withoutFields(record: UserRecord, fields: readonly string[]): UserRecord {
  return {
    ...record,
    firstName: fields.includes("firstName") ? null : record.firstName,
    lastName: fields.includes("lastName") ? null : record.lastName,
    metadata: Object.fromEntries(Object.entries(record.metadata).filter(([key]) => !fields.includes(key))),
  };
}

/** Tells whether a record is still the one that was written. */
export function recordHash(record: UserRecord): string {
  const metadata = Object.entries(record.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const { externalId, email, emailVerified, firstName, lastName } = record;
  const canonical = JSON.stringify([externalId, email, emailVerified, firstName, lastName, metadata]);
  return createHash("sha256").update(canonical).digest("base64url").slice(0, 22);
}
