import type { Migration } from "../domain/migration.ts";
import { ownValue } from "../domain/own-value.ts";
import type { DestinationUser, UserRecord } from "../domain/records.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isVerified, normalizeEmail } from "./normalize.ts";

type Attributes = Readonly<Record<string, string>>;
type Mapping = Migration["attributes"];
type Composed = Migration["metadata"];

/** What the destination is to hold for a source user who has an e-mail address. Pure. */
export function toRecord(
  sub: string,
  attributes: Attributes,
  mapping: Mapping,
  composed: Composed = {},
): UserRecord {
  return {
    externalId: sub,
    email: normalizeEmail(attributes.email) ?? "",
    emailVerified: isVerified(attributes.email_verified),
    ...names(attributes),
    metadata: metadata(attributes, mapping, composed),
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

function metadata(attributes: Attributes, mapping: Mapping, composed: Composed): Record<string, string> {
  const entries: [string, string][] = [];
  const add = (key: string, value: string) => {
    if (value !== "") entries.push([key, value]);
  };
  for (const [attribute, key] of Object.entries(mapping))
    if (key !== null) add(key, attributeOf(attributes, attribute));
  for (const [key, rule] of Object.entries(composed))
    add(key, "constant" in rule ? rule.constant : joined(attributes, rule));
  return Object.fromEntries(entries);
}

function joined(attributes: Attributes, { join, with: separator }: { join: string[]; with: string }): string {
  const values = join.map((attribute) => attributeOf(attributes, attribute));
  return values.filter((value) => value !== "").join(separator);
}

function attributeOf(attributes: Attributes, name: string): string {
  return ownValue(attributes, name) ?? "";
}

/** Every metadata key that the file fills. */
export function metadataKeys({ attributes, metadata }: Pick<Migration, "attributes" | "metadata">): string[] {
  return [...Object.values(attributes).filter((key) => key !== null), ...Object.keys(metadata)];
}

/** Every attribute of the pool that the file names, for whatever. */
export function namedAttributes({
  attributes,
  metadata,
  organizations,
  passwordResets: { order },
}: Migration): string[] {
  const composed = Object.values(metadata).flatMap((rule) => ("join" in rule ? rule.join : []));
  const deciding = organizations.from === "attribute" ? [organizations.attribute] : [];
  const ordering = typeof order === "string" ? [] : [order.attribute];
  return [...new Set([...Object.keys(attributes), ...composed, ...deciding, ...ordering])];
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

/** What a fingerprint is made of. Its key is no field of a record: one with another key is another person's. */
type Fields = UserRecord | DestinationUser;

export const METADATA_PREFIX = "metadata.";

export function recordFingerprint(record: Fields): string {
  return fingerprintOf(Object.fromEntries(fieldsOf(record)));
}

/** Its values by the names that a fingerprint has for them. */
export function fieldsOf({
  email,
  emailVerified,
  firstName,
  lastName,
  metadata,
}: Fields): Map<string, string | boolean | null> {
  const named = Object.entries(metadata).map(([key, value]): [string, string] => [
    `${METADATA_PREFIX}${key}`,
    value,
  ]);
  return new Map<string, string | boolean | null>([
    ["email", email],
    ["emailVerified", emailVerified],
    ["firstName", firstName],
    ["lastName", lastName],
    ...named,
  ]);
}
