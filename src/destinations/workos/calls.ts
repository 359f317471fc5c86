import type { WorkOS } from "@workos-inc/node";
import type { DestinationUser, UserPage, UserRecord } from "../destination.ts";
import { type Failure, failureOf } from "./errors.ts";
import { toAdoptOptions, toCreateOptions, toDestinationUser } from "./mapping.ts";

/** The largest page that WorkOS gives (OpenAPI 0.61). */
const PAGE_SIZE = 100;

export type Called<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** One HTTP call each; never rejects. */
export interface Calls {
  create(record: UserRecord): Promise<Called<DestinationUser>>;
  adopt(userId: string, record: UserRecord): Promise<Called<DestinationUser>>;
  byExternalId(externalId: string): Promise<Called<DestinationUser | null>>;
  byEmail(email: string): Promise<Called<DestinationUser | null>>;
  /** Oldest first, so that users made meanwhile come at the end. */
  page(cursor: string | null, limit?: number): Promise<Called<UserPage>>;
}

export function createCalls(client: WorkOS): Calls {
  const users = client.userManagement;
  return {
    create: (record) =>
      called(async () => toDestinationUser(await users.createUser(toCreateOptions(record)))),
    adopt: (userId, record) =>
      called(async () => toDestinationUser(await users.updateUser(toAdoptOptions(userId, record)))),
    async byExternalId(externalId) {
      const found = await called(async () => toDestinationUser(await users.getUserByExternalId(externalId)));
      return !found.ok && found.failure.kind === "absent" ? { ok: true, value: null } : found;
    },
    byEmail: (email) =>
      called(async () => {
        const { data } = await users.listUsers({ email });
        return data.map(toDestinationUser).find((user) => user.email === email) ?? null;
      }),
    page: (cursor, limit = PAGE_SIZE) =>
      called(async () => {
        const after = cursor === null ? {} : { after: cursor };
        const { data, listMetadata } = await users.listUsers({ limit, order: "asc", ...after });
        return { users: data.map(toDestinationUser), nextCursor: listMetadata.after ?? null };
      }),
  };
}

async function called<T>(call: () => Promise<T>): Promise<Called<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}
