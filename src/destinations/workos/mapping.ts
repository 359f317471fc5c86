import type { User, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { DestinationUser, UserRecord } from "../destination.ts";

type CreateOptions = Parameters<WorkOS["userManagement"]["createUser"]>[0];
type UpdateOptions = Parameters<WorkOS["userManagement"]["updateUser"]>[0];

export function toCreateOptions(record: UserRecord): CreateOptions {
  return { email: record.email, emailVerified: record.emailVerified, ...ownedFields(record) };
}

/** Leaves out address and verification: an adoption never raises nor lowers them. */
export function toAdoptOptions(userId: string, record: UserRecord): UpdateOptions {
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

/** The SDK's types promise more than it checks. Whatever does not say "verified" is not. */
const answeredUser = z.object({
  id: z.string().min(1),
  email: z.string(),
  emailVerified: z.boolean().catch(false),
  firstName: z.string().nullable().catch(null),
  lastName: z.string().nullable().catch(null),
  externalId: z.string().nullable().catch(null),
  metadata: z.record(z.string(), z.string()).catch({}),
  createdAt: z.iso.datetime({ offset: true }),
});

/** Throws when the answer lacks what an outcome rests on. */
export function toDestinationUser(user: User): DestinationUser {
  const { createdAt, email, ...rest } = answeredUser.parse(user);
  return { ...rest, email: email.toLowerCase(), createdAtMs: Date.parse(createdAt) };
}
