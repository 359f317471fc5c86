import type { User, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { DestinationUser, UserDetails, UserRecord } from "../../domain/records.ts";
import { inSmallLetters } from "../../plan/normalize.ts";
import type { UserItem, UserPage, Users } from "../destination.ts";
import type { Call, Item, Outcome } from "../sending.ts";
import {
  type Called,
  called,
  foundAnswerOf,
  goodRows,
  nullIfAbsent,
  pageAnswerOf,
  pageQuery,
} from "./calls.ts";
import {
  notVisible,
  ours,
  outcomeOf,
  type Probe,
  type Settled,
  senderOf,
  stillUnclear,
  unclear,
} from "./settle.ts";

/** A look-up, a create, two more look-ups and an adoption. */
const MAX_CALLS = 5;
const IN_USE = "The address or the external id is in use, and no look-up shows by whom.";

/** People, found again by external id, which WorkOS keeps unique in an environment. */
export function createUsers(client: WorkOS, probe: Probe): Users {
  const calls = userCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendUser(calls, item, call)),
    list: async (cursor) => pageAnswerOf(await calls.page(cursor), cursor),
    find: async (externalId) => foundAnswerOf(await calls.byExternalId(externalId)),
    findById: async (id) => foundAnswerOf(await calls.byId(id)),
  };
}

type UserCalls = ReturnType<typeof userCalls>;

/** One HTTP call each; never rejects. */
function userCalls({ userManagement: users }: WorkOS) {
  return {
    create: (record: UserRecord) =>
      called(async () => writtenOf(record, await users.createUser(toCreateOptions(record)))),
    adopt: (userId: string, record: UserRecord) =>
      called(async () => writtenOf(record, await users.updateUser(toAdoptOptions(userId, record)))),
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

/**
 * Create; whatever answer leaves doubt is settled by looking the user up: by our key, then by address.
 * Absence is never proof: WorkOS refuses a second create of the same external id, so an unclear create is
 * repeated, and "already exists" for something not visible yet waits.
 */
async function sendUser(calls: UserCalls, item: Item<UserItem>, call: Call): Promise<Settled> {
  const { user } = item.record;
  if (item.inDoubt) {
    await call.read();
    const earlier = await calls.byExternalId(user.externalId);
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return oursOf(earlier.value, item);
  }
  await call.write([item]);
  const created = await calls.create(user);
  if (created.ok) return { kind: "created", ...created.value };
  if (created.failure.kind === "duplicate") return settleDuplicate(calls, item, call);
  if (created.failure.kind !== "unknown") return outcomeOf(created.failure);

  await call.read();
  const found = await calls.byExternalId(user.externalId);
  if (found.ok && found.value !== null) return oursOf(found.value, item);
  return stillUnclear(created.failure, found);
}

async function settleDuplicate(calls: UserCalls, item: Item<UserItem>, call: Call): Promise<Settled> {
  const { user, onExisting } = item.record;
  await call.read();
  const byKey = await calls.byExternalId(user.externalId);
  if (!byKey.ok) return outcomeOf(byKey.failure);
  if (byKey.value !== null) return oursOf(byKey.value, item);

  await call.read();
  const byEmail = await calls.byEmail(user.email);
  if (!byEmail.ok) return outcomeOf(byEmail.failure);
  const existing = byEmail.value;
  if (existing === null) return notVisible(IN_USE);
  if (existing.externalId === user.externalId) return oursOf(existing, item);
  if (existing.externalId !== null) return { kind: "skipped", reason: "external_id_taken" };
  if (onExisting === "skip") return { kind: "skipped", reason: "exists_at_destination" };
  return adopt(calls, item, existing, call);
}

/** Whoever changed their address in Cognito between two tries stands under the one of the first. */
function oursOf(found: DestinationUser, item: Item<UserItem>): Outcome {
  const outcome = ours(found, item);
  return found.email === inSmallLetters(item.record.user.email)
    ? outcome
    : { ...outcome, isFromBefore: true };
}

async function adopt(
  calls: UserCalls,
  item: Item<UserItem>,
  existing: DestinationUser,
  call: Call,
): Promise<Settled> {
  const { user, beforeAdopt } = item.record;
  if (!user.emailVerified || !existing.emailVerified) return { kind: "skipped", reason: "exists_unverified" };
  await beforeAdopt(existing);
  await call.write([item]);
  const adopted = await calls.adopt(existing.id, user);
  if (adopted.ok) return { kind: "adopted", ...adopted.value, destinationId: existing.id };
  if (adopted.failure.kind === "duplicate") return notVisible(IN_USE);
  if (adopted.failure.kind === "absent")
    return unclear("gone_meanwhile", "The account was removed during its adoption.");
  return outcomeOf(adopted.failure);
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

/** The SDK's types promise more than it checks. Whatever does not say "verified" is not. */
const answeredUser = z.object({
  id: z.string().min(1),
  email: z.string(),
  emailVerified: z.boolean().catch(false),
  firstName: z.string().nullable().catch(null),
  lastName: z.string().nullable().catch(null),
  // One that cannot be read is somebody's.
  externalId: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).catch({}),
  createdAt: z.iso.datetime({ offset: true }),
});

/** Throws when the answer lacks what an outcome rests on. */
function toDestinationUser(user: User): DestinationUser {
  const { createdAt, email, ...rest } = answeredUser.parse(user);
  return { ...rest, email: inSmallLetters(email), createdAtMs: Date.parse(createdAt) };
}
