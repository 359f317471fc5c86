import type { User, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { DestinationUser, UserDetails, UserRecord } from "../../domain/records.ts";
import { inSmallLetters } from "../../plan/normalize.ts";
import { METADATA_PREFIX } from "../../plan/record.ts";
import type { UserPage } from "../destination.ts";
import { type Called, called, goodRows, nullIfAbsent, pageQuery, removed } from "./calls.ts";

/** What is asked of WorkOS about people, and how its answers are read. */

export type UserCalls = ReturnType<typeof userCalls>;

/** One HTTP call each; never rejects. */
export function userCalls({ userManagement: users }: WorkOS) {
  return {
    create: (record: UserRecord) =>
      called(async () => writtenOf(record, await users.createUser(toCreateOptions(record)))),
    adopt: (userId: string, record: UserRecord) =>
      called(async () => writtenOf(record, await users.updateUser(toAdoptOptions(userId, record)))),
    /** These fields alone, by their names in a fingerprint. */
    change: (userId: string, record: UserRecord, fields: readonly string[]) =>
      called(async () => writtenOf(record, await users.updateUser(toChangeOptions(userId, record, fields)))),
    /** These fields as the record has them, and our key taken out. */
    release: (userId: string, record: UserRecord, fields: readonly string[]) =>
      called(async () => {
        // Null is documented (OpenAPI 0.61) and sent as it is; the SDK's types alone do not know it.
        const release = { externalId: null as unknown as string };
        await users.updateUser({ ...toChangeOptions(userId, record, fields), ...release });
      }),
    remove: (userId: string) => removed(() => users.deleteUser(userId)),
    byExternalId: async (externalId: string) =>
      nullIfAbsent(
        await called(async () => {
          const found = toDestinationUser(await users.getUserByExternalId(externalId));
          return heldTo({ externalId }, found);
        }),
      ),
    byId: async (id: string) =>
      nullIfAbsent(await called(async () => toDestinationUser(await users.getUser(id)))),
    byEmail: (email: string) =>
      called(async () => {
        const { data } = await users.listUsers({ email });
        return data.map(toDestinationUser).find((user) => user.email === email) ?? null;
      }),
    /** Oldest first, so that users made meanwhile come at the end. */
    page: (cursor: string | null): Promise<Called<UserPage>> =>
      called(async () => {
        const { data, listMetadata } = await users.listUsers(pageQuery(cursor));
        const { good, unreadable } = goodRows(data, toDestinationUser);
        return { users: good, unreadable, nextCursor: listMetadata.after ?? null };
      }),
  };
}

type CreateOptions = Parameters<WorkOS["userManagement"]["createUser"]>[0];
type UpdateOptions = Parameters<WorkOS["userManagement"]["updateUser"]>[0];

export function toCreateOptions(record: UserRecord): CreateOptions {
  return { email: record.email, emailVerified: record.emailVerified, ...ownedFields(record) };
}

/** Leaves out address and verification: an adoption never raises nor lowers them. */
function toAdoptOptions(userId: string, record: UserRecord): UpdateOptions {
  return { userId, ...ownedFields(record) };
}

/** Absent values are left out, so that an update does not touch them; WorkOS merges metadata by key. */
function ownedFields({ externalId, firstName, lastName, metadata }: UserRecord) {
  return {
    externalId,
    ...(firstName === null ? {} : { firstName }),
    ...(lastName === null ? {} : { lastName }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata: { ...metadata } }),
  };
}

/** WorkOS knows no null for a name: an empty one is none. A null takes a key out of the metadata (docs, "Metadata"). */
function toChangeOptions(userId: string, record: UserRecord, fields: readonly string[]): UpdateOptions {
  const { email, emailVerified, firstName, lastName, metadata } = record;
  const values = { email, emailVerified, firstName: firstName ?? "", lastName: lastName ?? "" };
  const keys = fields.flatMap((field) =>
    field.startsWith(METADATA_PREFIX) ? [field.slice(METADATA_PREFIX.length)] : [],
  );
  return {
    userId,
    ...Object.fromEntries(Object.entries(values).filter(([name]) => fields.includes(name))),
    ...(keys.length === 0
      ? {}
      : { metadata: Object.fromEntries(keys.map((key) => [key, metadata[key] ?? null])) }),
  };
}

/** What an outcome rests on where something was written. */
const written = z.object({
  id: z.string().min(1),
  externalId: z.unknown(),
  createdAt: z.string().catch(""),
  updatedAt: z.string().catch(""),
});

/** With the details of an account that is not as it was created. */
function writtenOf(record: UserRecord, answer: User): { destinationId: string; details?: UserDetails } {
  const { id, createdAt, updatedAt } = heldTo(record, written.parse(answer));
  const changedAtMs = Date.parse(updatedAt);
  if (Number.isNaN(changedAtMs) || changedAtMs === Date.parse(createdAt)) return { destinationId: id };
  return { destinationId: id, details: { changedAtMs } };
}

/** Throws where an answer is about somebody else: nobody gets what another one is to have. */
function heldTo<Answer extends { externalId: unknown }>(
  { externalId }: { externalId: string },
  answer: Answer,
): Answer {
  if (typeof answer.externalId === "string" && answer.externalId !== externalId)
    throw new Error("The answer is about another user.");
  return answer;
}

/** An empty name is none. */
const nameAnswered = z
  .string()
  .nullable()
  .catch(null)
  .transform((name) => name || null);

/** The SDK's types promise more than it checks. Whatever does not say "verified" is not. */
const answeredUser = z.object({
  id: z.string().min(1),
  email: z.string(),
  emailVerified: z.boolean().catch(false),
  firstName: nameAnswered,
  lastName: nameAnswered,
  // One that cannot be read is somebody's.
  externalId: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).catch({}),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.string().catch(""),
  lastSignInAt: z.unknown(),
});

/** Throws when the answer lacks what an outcome rests on. */
function toDestinationUser(user: User): DestinationUser {
  const { createdAt, updatedAt, lastSignInAt, email, ...rest } = answeredUser.parse(user);
  const createdAtMs = Date.parse(createdAt);
  const changedAtMs = Date.parse(updatedAt);
  return {
    ...rest,
    email: inSmallLetters(email),
    createdAtMs,
    // One that cannot be read may have been any time since.
    changedAtMs: Number.isNaN(changedAtMs) ? Number.POSITIVE_INFINITY : changedAtMs,
    lastSignInAtMs: signInOf(lastSignInAt, createdAtMs),
  };
}

/** A time that cannot be read is one all the same: somebody signed in, at their creation at the earliest. */
function signInOf(answer: unknown, createdAtMs: number): number | null {
  if (answer === null || answer === undefined) return null;
  const atMs = typeof answer === "string" ? Date.parse(answer) : Number.NaN;
  return Number.isNaN(atMs) ? createdAtMs : atMs;
}
