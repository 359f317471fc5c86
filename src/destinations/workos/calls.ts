import type { WorkOS } from "@workos-inc/node";
import type { DestinationUser, UserPage, UserRecord } from "../destination.ts";
import { type Called, called, nullIfAbsent } from "./called.ts";
import { toAdoptOptions, toCreateOptions, toDestinationUser } from "./mapping.ts";
import { pageQuery } from "./pages.ts";

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
    byExternalId: async (externalId) =>
      nullIfAbsent(await called(async () => toDestinationUser(await users.getUserByExternalId(externalId)))),
    byEmail: (email) =>
      called(async () => {
        const { data } = await users.listUsers({ email });
        return data.map(toDestinationUser).find((user) => user.email === email) ?? null;
      }),
    page: (cursor, limit) =>
      called(async () => {
        const { data, listMetadata } = await users.listUsers(pageQuery(cursor, limit));
        return { users: data.map(toDestinationUser), nextCursor: listMetadata.after ?? null };
      }),
  };
}
