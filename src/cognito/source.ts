import type {
  AppClient,
  ConfigurationPage,
  IdentityProvider,
  PoolGroup,
  PoolShape,
  ResourceServer,
  SourceUser,
} from "../domain/pool.ts";

/** The source: what the rest of the project may ask of a Cognito user pool. It is only ever read. */

/** The largest page of users (API reference, ListUsers and ListUsersInGroup, `Limit`). */
export const PAGE_SIZE = 60;

export interface SourcePage {
  users: SourceUser[];
  /** Only an absent token ends a list. */
  nextToken: string | null;
}

export type SourceProblem =
  | { problem: "slow_down" }
  /** No or wrong credentials, or a missing permission; `code` is AWS's error name. */
  | { problem: "access_lost"; code: string }
  /** The pool, or the group, provider or app client asked for, does not exist (in this region). */
  | { problem: "not_found"; code: string }
  /** A page token that Cognito does not take any more; only ever answered for a call that carried one. */
  | { problem: "dead_token" }
  /** A timeout, a reset connection, a 5xx: worth another try. */
  | { problem: "unavailable"; code: string }
  /** Anything else Cognito refuses; `code` is AWS's error name. */
  | { problem: "refused"; code: string };

export type SourceAnswer<T> = { ok: true; value: T } | ({ ok: false } & SourceProblem);

export interface UserSource {
  describePool(): Promise<SourceAnswer<PoolShape>>;
  /** One call, without retries of its own: pace and back-off belong to the caller. `limit` is at most PAGE_SIZE. */
  listUsers(token: string | null, limit: number): Promise<SourceAnswer<SourcePage>>;
  /** Somebody as Cognito has them now, by ListUsers, which bills nobody as active; null where it lists nobody with this sub. */
  findUser(sub: string): Promise<SourceAnswer<SourceUser | null>>;
  /** A page of those who have this address, in any case; some of them may have one that only begins like it. */
  usersByEmail(email: string, token: string | null): Promise<SourceAnswer<SourcePage>>;
  /** The names of somebody's groups, by username; null where Cognito knows nobody with it. */
  groupsOfUser(username: string): Promise<SourceAnswer<string[] | null>>;
  listUsersInGroup(group: string, token: string | null, limit: number): Promise<SourceAnswer<SourcePage>>;
  /** Pages are as long as Cognito makes them. Providers are listed by name alone, app clients by id alone. */
  listGroups(token: string | null): Promise<SourceAnswer<ConfigurationPage<PoolGroup>>>;
  listIdentityProviders(token: string | null): Promise<SourceAnswer<ConfigurationPage<string>>>;
  describeIdentityProvider(name: string): Promise<SourceAnswer<IdentityProvider>>;
  listAppClients(token: string | null): Promise<SourceAnswer<ConfigurationPage<string>>>;
  describeAppClient(id: string): Promise<SourceAnswer<AppClient>>;
  listResourceServers(token: string | null): Promise<SourceAnswer<ConfigurationPage<ResourceServer>>>;
  close(): void;
}
