import { sql } from "kysely";
import type { SourceUser } from "../../src/domain/pool.ts";
import type { Columns } from "../../src/ledger/dialect.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { insertPacked, packRows } from "../../src/ledger/packed-rows.ts";
import { packSourceUsers, upsertSourceUsers } from "../../src/ledger/source-users.ts";

/** A ledger as a large pool fills it, made without a pool. */

export interface LargeWish {
  users: number;
  /** Everybody is in so many of the pool's groups. */
  groupsEach: number;
  groups?: number;
  migrationId?: number;
  generation?: number;
}

const PAGE_ROWS = 5_000;
/** One person in ten has come by a provider. */
const FEDERATED_EVERY = 10;
const FIRST_CREATED_MS = 1_600_000_000_000;
const CREATED_EVERY_MS = 50;

const MEMBER_COLUMNS = { migration_id: "integer", group_name: "text", sub: "text", generation: "integer" };

/** Fills the book of what Cognito says: people, the identities of some, and members of groups. */
export async function fillSource(ledger: Ledger, wish: LargeWish): Promise<void> {
  const { users, groupsEach, groups = 100, migrationId = 1, generation = 1 } = wish;
  if (ledger.kind === "sqlite") await ledger.read((db) => sql`pragma cache_size = -256000`.execute(db));
  for (let from = 0; from < users; from += PAGE_ROWS) {
    const people = Array.from({ length: Math.min(PAGE_ROWS, users - from) }, (_, index) =>
      personOf(from + index),
    );
    const page = packSourceUsers(ledger.kind, migrationId, generation, people);
    await ledger.writeSoon((tx) => upsertSourceUsers(tx, migrationId, generation, [page]));
  }
  await fill(ledger, "group_members", MEMBER_COLUMNS, users * groupsEach, (index) => ({
    migration_id: migrationId,
    group_name: `group-${(Math.floor(index / groupsEach) * 7 + (index % groupsEach)) % groups}`,
    sub: largeSub(Math.floor(index / groupsEach)),
    generation,
  }));
  await ledger.sync();
}

/** Fills a table with `count` rows. */
async function fill<Row extends { readonly [Name in keyof Row]: string | number | null }>(
  ledger: Ledger,
  table: string,
  columns: Columns<Row>,
  count: number,
  rowOf: (index: number) => Row,
): Promise<void> {
  for (let from = 0; from < count; from += PAGE_ROWS) {
    const rows = Array.from({ length: Math.min(PAGE_ROWS, count - from) }, (_, index) => rowOf(from + index));
    const packed = packRows(ledger.kind, columns, rows);
    await ledger.writeSoon((tx) => insertPacked(tx, table, columns, [packed], ""));
  }
}

/** In order of their making, which an index takes quickest; of the length that Cognito's have. */
export function largeSub(index: number): string {
  return `${index.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

/** The same numbers in another order. */
function scattered(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 0;
}

function personOf(index: number): SourceUser {
  const sub = largeSub(index);
  const email = `person.${scattered(index)}@${index % 97}.example.com`;
  const createdAtMs = FIRST_CREATED_MS + scattered(index) * CREATED_EVERY_MS;
  const isFederated = index % FEDERATED_EVERY === 0;
  return {
    sub,
    username: isFederated ? `corp_${index}` : sub,
    attributes: {
      sub,
      email,
      email_verified: "true",
      name: `Person ${index}`,
      "custom:tenant": `t${index % 1_000}`,
    },
    status: isFederated ? "EXTERNAL_PROVIDER" : "CONFIRMED",
    enabled: true,
    createdAtMs,
    modifiedAtMs: createdAtMs,
    identities: isFederated ? [{ provider: "Corp", userId: `${index}` }] : [],
    identitiesBroken: false,
  };
}
