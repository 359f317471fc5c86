import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Patience } from "../../src/bridge/listen.ts";
import { type Serving, serveBridge } from "../../src/bridge/serve.ts";
import type { RegisteredVendor } from "../../src/destinations/registry.ts";
import type { Migration, MigrationFile } from "../../src/domain/migration.ts";
import type { PoolShape, SourceUser } from "../../src/domain/pool.ts";
import { replaceConfiguration } from "../../src/ledger/configuration.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { provenAmong } from "../../src/ledger/proofs.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { lastOrdinal } from "../../src/ledger/queue-questions.ts";
import { overtake } from "../../src/ledger/queue-settlements.ts";
import { noteListed, ownMigration, readMigration } from "../../src/ledger/runs.ts";
import { readSettings } from "../../src/settings.ts";
import { ownedRun } from "../activities/owned-run.ts";
import { stubAws } from "../cognito/rig.ts";
import { parseFile } from "../domain/parse-file.ts";
import { type CognitoDouble, type CognitoWish, startCognitoDouble } from "../doubles/cognito/double.ts";
import type { OptionsWish } from "../doubles/cognito/options.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import { type Pool, type PoolClient, type PoolUser, poolOf } from "../doubles/pool/pool.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import { upsertPages } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

export const SECRET = "c41f9d07b2e85a36f01d7c94e6b3a258";
export const PASSWORD = "Correct-Horse-7";
const CLIENT_ID = "1bridgeclient";
const CLIENT_SECRET = "bridge-client-secret";

export interface BridgeRig {
  url: string;
  serving: Serving;
  cognito: CognitoDouble;
  workos: WorkosDouble;
  ledger: Ledger;
  migrationId: number;
  ledgerUrl: string;
  /** Of the last snapshot and plan, unless `listed` is false. Returns who was made. */
  add(person?: PersonParts, listed?: boolean): Promise<PoolUser>;
  /** As an import left them: with an account at WorkOS. Returns its id. */
  imported(
    user: PoolUser,
    fields?: { email?: string; lastSignInAt?: string; verified?: boolean; isRemoved?: boolean },
  ): Promise<string>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Another bridge on the same ledger, between the same doubles: a restart where this one was closed. */
  another(settings?: Record<string, string>): Promise<{ serving: Serving; post: BridgeRig["post"] }>;
  signIn(email: string | undefined, password?: string): Promise<Answered>;
  /** What arrived at the doubles since the bridge serves, in order. */
  calls(): { cognito: string[]; workos: string[] };
}

export interface Answered {
  status: number;
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

export interface PersonParts {
  email?: string;
  emailVerified?: boolean;
  username?: string;
  status?: string;
  enabled?: boolean;
  password?: string;
  challenge?: PoolUser["challenge"];
  createdAtMs?: number;
}

export interface RigWish {
  file?: Partial<MigrationFile>;
  settings?: Record<string, string>;
  ledgerUrl?: string;
  workos?: Parameters<typeof startWorkosDouble>[0];
  client?: Partial<PoolClient>;
  /** With whoever sends slowly. */
  patience?: Patience;
  /** All those that there are. */
  vendors?: readonly RegisteredVendor[];
  cognito?: OptionsWish;
  /** What Cognito does from the bridge's start on. */
  faults?: readonly Fault[];
  onExchange?: NonNullable<CognitoWish["onExchange"]>;
  caseSensitive?: boolean;
  usernameAttributes?: Pool["usernameAttributes"];
  aliasAttributes?: Pool["aliasAttributes"];
}

/** The bridge over HTTP, between doubles of both vendors, with a ledger whose snapshot and plan are done. */
export async function startBridge(wish: RigWish = {}): Promise<BridgeRig> {
  const client = clientOf(wish.client);
  const { caseSensitive = false, usernameAttributes = ["email"], aliasAttributes = [] } = wish;
  const pool = poolOf({
    users: [],
    clients: [client],
    caseSensitiveUsernames: caseSensitive,
    usernameAttributes,
    aliasAttributes,
  });
  const cognito = await startCognitoDouble({
    pool,
    options: { unlimited: true, ...wish.cognito },
    ...(wish.onExchange !== undefined && { onExchange: wish.onExchange }),
  });
  onTestFinished(() => cognito.close());
  for (const fault of wish.faults ?? []) cognito.faults.add(fault);
  const workos = await startWorkosDouble(wish.workos);
  onTestFinished(() => workos.close());
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url });
  const ledgerUrl = wish.ledgerUrl ?? `sqlite:${join(freshFolder(), "ledger.db")}`;
  const ledger = await openLedger(ledgerUrl);
  onTestFinished(() => ledger.close());
  const migrationId = await seedMigration(ledger, pool.poolId, workos.clientId, wish.file);
  await keepPool({ ledger, migrationId, cognito });
  const environment = {
    SPILLWAY_LEDGER: ledgerUrl,
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: pool.poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: client.id,
    ...(client.secret === null ? {} : { SPILLWAY_BRIDGE_CLIENT_SECRET: client.secret }),
    SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0",
    SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "100",
    SPILLWAY_BRIDGE_REFUSAL_MS: "1",
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
    WORKOS_API_URL: workos.url,
    LOG_LEVEL: "error",
    ...wish.settings,
  };
  const serving = await serve(environment, wish);
  // What the start asks is no part of what a test does.
  const atStart = cognito.journal.entries.length;
  const postTo =
    ({ url }: Serving): BridgeRig["post"] =>
    (path, body, headers = {}) =>
      call(url, path, body, { authorization: `Bearer ${SECRET}`, ...headers });
  const post = postTo(serving);
  return {
    url: serving.url,
    serving,
    cognito,
    workos,
    ledger,
    migrationId,
    ledgerUrl,
    async add(parts = {}, listed = true) {
      const user = personOf(parts);
      pool.users.push(user);
      if (listed) await list(ledger, migrationId, user);
      return user;
    },
    async imported(user, { email = emailOf(user), lastSignInAt, verified, isRemoved = false } = {}) {
      const [account] = workos.seed([
        {
          email: email.toLowerCase(),
          email_verified: verified ?? user.attributes.email_verified === "true",
          external_id: user.sub,
          last_sign_in_at: lastSignInAt ?? null,
        },
      ]);
      if (account === undefined) throw new Error("Nobody was seeded.");
      await settleAs(ledger, migrationId, user.sub, account.id);
      if (isRemoved) await removeByHand({ ledger, migrationId, workos }, user.sub, account.id);
      return account.id;
    },
    post,
    async another(settings = {}) {
      const other = await serve({ ...environment, ...settings }, wish);
      return { serving: other, post: postTo(other) };
    },
    signIn: (email, password = PASSWORD) => post("/sign-in", { email, password }),
    calls: () => ({
      cognito: cognito.journal.since(atStart).map(({ operation, status }) => `${operation} ${status}`),
      workos: workos.journal.entries.map(({ operation, status }) => `${operation} ${status}`),
    }),
  };
}

export async function call(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answered> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  // The bridge answers JSON objects only.
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return { status: response.status, body: parsed, text, headers: response.headers };
}

export function emailOf(user: PoolUser): string {
  return user.attributes.email ?? "";
}

async function serve(environment: Record<string, string>, { patience, vendors }: RigWish): Promise<Serving> {
  const settings = readSettings(environment, vendors);
  if (!settings.ok) throw new Error(settings.sentence);
  const serving = await serveBridge(settings.value, patience);
  onTestFinished(() => serving.close());
  return serving;
}

function clientOf(parts: Partial<PoolClient> = {}): PoolClient {
  return passwordClient({ id: CLIENT_ID, secret: CLIENT_SECRET, writeAttributes: null, ...parts });
}

function personOf(parts: PersonParts = {}): PoolUser {
  const sub = randomUUID();
  const createdAtMs = parts.createdAtMs ?? Date.UTC(2024, 0, 1);
  return {
    kind: "person",
    sub,
    username: parts.username ?? sub,
    attributes: {
      sub,
      email: parts.email ?? `ada.${sub.slice(0, 8)}@example.com`,
      email_verified: String(parts.emailVerified ?? true),
      given_name: "Ada",
      family_name: "Lovelace",
    },
    status: parts.status ?? "CONFIRMED",
    enabled: parts.enabled ?? true,
    createdAtMs,
    modifiedAtMs: createdAtMs,
    password: parts.password ?? PASSWORD,
    ...(parts.challenge === undefined ? {} : { challenge: parts.challenge }),
  };
}

export function fileOf(poolId: string, parts: Partial<MigrationFile>): Migration {
  const parsed = parseFile({
    source: { region: poolId.split("_", 1)[0], userPoolId: poolId },
    destination: { kind: "workos" },
    ...parts,
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}

async function seedMigration(
  ledger: Ledger,
  poolId: string,
  environment: string,
  parts: Partial<MigrationFile> = {},
): Promise<number> {
  const file = fileOf(poolId, parts);
  const owner = { namespace: "default", workflowId: "test", firstRunId: randomUUID() };
  const identity = { poolId, destinationKind: "workos", environment };
  return ledger.write(async (tx) => {
    const row = await ownMigration(tx, identity, file, owner, undefined);
    if (row === undefined) throw new Error("The ledger is not fresh.");
    for (const kind of ["calls", "reads", "writes"]) await setPace(tx, `workos/${environment}/${kind}`, 50);
    return row.id;
  });
}

/** Somebody as a snapshot finds them in Cognito. */
export interface Listed {
  user: PoolUser;
  identities?: SourceUser["identities"];
}

/** The next run, with another file, which has read these people of Cognito: everybody if its snapshot is `whole`. */
export async function nextRun(
  { ledger, migrationId }: BridgeRig,
  parts: Partial<MigrationFile>,
  listed: readonly Listed[],
  { whole = true } = {},
): Promise<void> {
  const before = await ledger.read((db) => readMigration(db, migrationId));
  const { file, destinationKind, environment } = before;
  const identity = { poolId: file.source.userPoolId, destinationKind, environment };
  const { generation } = await ownedRun(
    ledger,
    identity,
    fileOf(file.source.userPoolId, parts),
    randomUUID(),
  );
  const users = listed.map(({ user, identities = [] }) => ({ ...listedUser(user), identities }));
  await upsertPages(ledger, generation, [users], migrationId);
  if (whole) await ledger.write((tx) => noteListed(tx, { migrationId, generation }));
}

function listedUser(user: PoolUser): SourceUser {
  const { sub, username, attributes, status, enabled, createdAtMs, modifiedAtMs } = user;
  return {
    sub,
    username,
    attributes,
    status,
    enabled,
    createdAtMs,
    modifiedAtMs,
    identities: [],
    identitiesBroken: false,
  };
}

async function list(ledger: Ledger, migrationId: number, user: PoolUser): Promise<void> {
  await upsertPages(ledger, 1, [[listedUser(user)]], migrationId);
  await ledger.write(async (tx) => {
    const run = { migrationId, generation: 1 };
    const last = await lastOrdinal(tx, run, "users");
    await addItems(tx, run, "users", last, [
      { kind: "user", key: user.sub, intent: "create", doubtSinceMs: null },
    ]);
  });
}

async function settleAs(ledger: Ledger, migrationId: number, sub: string, accountId: string): Promise<void> {
  await ledger.write(async (tx) => {
    const fact = { destinationId: accountId, how: "created", fingerprint: null, details: null } as const;
    await noteStanding(tx, migrationId, [{ kind: "user", key: sub, firstClaimedAtMs: 1, ...fact }]);
    await overtake(tx, { migrationId, generation: 1 }, "users", { kind: "user", keys: [sub] });
  });
}

/** Somebody removes the account at WorkOS, and a run has seen it. */
async function removeByHand(
  { ledger, migrationId, workos }: Pick<BridgeRig, "ledger" | "migrationId" | "workos">,
  sub: string,
  accountId: string,
): Promise<void> {
  await fetch(`${workos.url}/user_management/users/${accountId}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${workos.key}` },
  });
  await ledger.write((tx) =>
    tx
      .updateTable("placed")
      .set({ state: "removed" })
      .where("migration_id", "=", migrationId)
      .where("kind", "=", "user")
      .where("key", "=", sub)
      .execute(),
  );
}

/** What the newest run has read of the pool itself. */
export async function keepPool(
  { ledger, migrationId, cognito: { pool } }: Pick<BridgeRig, "ledger" | "migrationId" | "cognito">,
  parts: Partial<PoolShape> = {},
): Promise<void> {
  const { poolId, usernameAttributes, aliasAttributes, caseSensitiveUsernames, mfa } = pool;
  const known = { poolId, usernameAttributes, aliasAttributes, caseSensitiveUsernames, mfa };
  const data = { ...known, ...parts } satisfies Partial<PoolShape>;
  await ledger.write((tx) => replaceConfiguration(tx, migrationId, 1, "pool", [{ name: poolId, data }]));
}

/** Puts another file in the place of the one in force. */
export async function useFile(
  { ledger, migrationId, cognito }: BridgeRig,
  parts: Partial<MigrationFile>,
): Promise<void> {
  const file = JSON.stringify(fileOf(cognito.pool.poolId, parts));
  await ledger.write((tx) =>
    tx.updateTable("migrations").set({ file, file_in_force: file }).where("id", "=", migrationId).execute(),
  );
}

/** How an item of the users phase stands, and the person's account. */
export function itemOf({ ledger, migrationId }: BridgeRig, sub: string) {
  return ledger.read((db) =>
    db
      .selectFrom("work_items as w")
      .leftJoin("placed as p", (join) =>
        join
          .onRef("p.migration_id", "=", "w.migration_id")
          .on("p.kind", "=", "user")
          .onRef("p.key", "=", "w.key"),
      )
      .select(["w.state as state", "p.how as how", "p.destination_id as destinationId"])
      .where("w.migration_id", "=", migrationId)
      .where("w.phase", "=", "users")
      .where("w.key", "=", sub)
      .executeTakeFirst(),
  );
}

/** The account that stands for somebody, and how the move of their password does. */
export function moveOf({ ledger, migrationId }: BridgeRig, sub: string) {
  return ledger.read((db) =>
    db
      .selectFrom("bridge_moves as m")
      .leftJoin("placed as p", (join) =>
        join
          .onRef("p.migration_id", "=", "m.migration_id")
          .on("p.kind", "=", "user")
          .onRef("p.key", "=", "m.sub"),
      )
      .select([
        "p.destination_id as destinationId",
        "m.open_moves as openMoves",
        "m.moved_at_ms as movedAtMs",
      ])
      .where("m.migration_id", "=", migrationId)
      .where("m.sub", "=", sub)
      .executeTakeFirst(),
  );
}

/** Whether the destination heard that somebody's password is right. */
export async function isProven({ ledger, migrationId }: BridgeRig, sub: string): Promise<boolean> {
  const proven = await ledger.read((db) => provenAmong(db, migrationId, [sub]));
  return proven.has(sub);
}
