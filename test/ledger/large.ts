import { sql } from "kysely";
import type { SourceUser } from "../../src/domain/pool.ts";
import type { Ledger, LedgerKind } from "../../src/ledger/ledger.ts";
import { packSourceUsers, upsertSourceUsers } from "../../src/ledger/source-users.ts";
import { GROWING } from "./query-plans.ts";

/** A ledger in the middle of a large run, made without a pool. */

export interface LargeWish {
  users: number;
  /** Everybody is in so many of the pool's groups, and a member of the organization of each. */
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
/** When the first item was settled, and the pace of the others. */
export const FIRST_SETTLED_MS = 1_700_000_000_000;
/** So far away that no link is forgotten. */
export const LINKS_EXPIRE_MS = 4_000_000_000_000;
export const SETTLED_EVERY_MS = 10;
/** In the middle of each phase so many items are pending, and as many after them in the hands of an attempt. */
export const OPEN_ITEMS = 1_000;
/** Of the attempt that has them. */
export const LARGE_FENCE = 7;

/** Fills every table that grows with the pool. PostgreSQL's statistics stay as they were: those of empty tables. */
export async function fillLedger(ledger: Ledger, wish: LargeWish): Promise<void> {
  const { users } = wish;
  if (ledger.kind === "sqlite") await ledger.read((db) => sql`pragma cache_size = -256000`.execute(db));
  else await leaveStatistics(ledger);
  await fillPeople(ledger, wish);
  for (const statement of statementsOf(ledger.kind, wish))
    for (let from = 0; from < users; from += PAGE_ROWS) {
      const to = Math.min(from + PAGE_ROWS, users) - 1;
      const people = `with recursive people (i) as (
        select ${from} union all select i + 1 from people where i < ${to})`;
      await ledger.writeSoon((tx) => sql.raw(`${people} ${statement}`).execute(tx));
    }
  await ledger.sync();
}

/** PostgreSQL gathers none by itself: a test that asks in between would depend on when it does. */
async function leaveStatistics(ledger: Ledger): Promise<void> {
  for (const table of GROWING)
    await ledger.write((tx) => sql.raw(`alter table ${table} set (autovacuum_enabled = false)`).execute(tx));
}

async function fillPeople(
  ledger: Ledger,
  { users, migrationId = 1, generation = 1 }: LargeWish,
): Promise<void> {
  for (let from = 0; from < users; from += PAGE_ROWS) {
    const count = Math.min(PAGE_ROWS, users - from);
    const people = Array.from({ length: count }, (_, index) => personOf(from + index));
    const page = packSourceUsers(ledger.kind, migrationId, generation, people);
    await ledger.writeSoon((tx) => upsertSourceUsers(tx, migrationId, generation, [page]));
  }
}

/** Each fills a table for some `people (i)`: the database makes millions of rows quicker than it is told them. */
function statementsOf(kind: LedgerKind, wish: LargeWish): string[] {
  const { users, groupsEach, groups = 100, migrationId: m = 1, generation: g = 1 } = wish;
  const number = kind === "sqlite" ? "printf('%08x', i)" : "lpad(to_hex(i), 8, '0')";
  const sub = `${number} || '${SUB_TAIL}'`;
  const group = `'group-' || ((i * 7 + n) % ${groups})`;
  const ofGroups = Array.from({ length: groupsEach }, (_, n) => `select ${n} as n`).join(" union all ");
  const members = `people cross join (${ofGroups}) as each_group`;
  const membership = `${sub} || ' ' || ${group}`;
  const placed = `insert into placed (migration_id, kind, key, state, destination_id, how, fingerprint,
    first_claimed_at_ms, written_at_ms) select ${m},`;
  const items = `insert into work_items (migration_id, generation, phase, ordinal, kind, key, intent, state, fence,
    attempts, in_doubt, first_claimed_at_ms, settled_at_ms, code, message)`;
  const standing = `'standing', 'id_' || i, 'created', 'f' || i, ${FIRST_SETTLED_MS}, ${FIRST_SETTLED_MS}`;
  return [
    `insert into group_members (migration_id, sub, group_name, generation)
      select ${m}, ${sub}, ${group}, ${g} from ${members}`,
    `insert into plan (migration_id, sub, action, reason, fingerprint, generation)
      select ${m}, ${sub}, case when i % 50 = 1 then 'skip' else 'create' end,
        case when i % 50 = 1 then 'disabled' end, 'f' || i, ${g} from people`,
    `insert into planned_objects (migration_id, kind, key, phase, data, fingerprint, generation)
      select ${m}, 'organization', ${`'group-' || i`}, 'structure', '{}', 'f', ${g} from people where i < ${groups}`,
    `insert into planned_objects (migration_id, kind, key, phase, data, fingerprint, generation)
      select ${m}, 'membership', ${membership}, 'memberships', '{"roles":[]}', 'f' || i, ${g} from ${members}`,
    `${placed} 'organization', 'group-' || i, ${standing} from people where i < ${groups}`,
    `${placed} 'user', ${sub}, ${standing} from people`,
    `${placed} 'membership', ${membership}, ${standing} from ${members}`,
    `${items} ${itemsOf("users", { m, g, kind: "user", key: sub, ordinal: "i + 1", of: users })} from people`,
    `${items} ${itemsOf("memberships", {
      ...{ m, g, kind: "membership", key: membership, of: users * groupsEach },
      ordinal: `i * ${groupsEach} + n + 1`,
    })} from ${members}`,
    `${items} ${itemsOf("resets", { m, g, kind: "user", key: sub, ordinal: "i + 1", of: users })} from people`,
    `insert into mails (migration_id, sub, sender, state, mails, claimed_at_ms, settled_at_ms, mail_id)
      select ${m}, ${sub}, 'campaign', 'mailed', 1, ${atMs("i")}, ${atMs("i")}, 'mail_' || i from people
      where i < ${users / 2}`,
    `insert into mails (migration_id, sub, sender, state, mails, claimed_at_ms)
      select ${m}, ${sub}, 'bridge', 'claimed', 1, ${atMs("i")} from people where i % 20 = 5`,
    `insert into looks (migration_id, sub, generation, looked_at_ms, status, enabled, native, email, email_verified)
      select ${m}, ${sub}, ${g}, ${atMs("i")}, 'CONFIRMED', 1, 1, 'p' || i || '@example.com', 1 from people`,
    `insert into bridge_accounts (migration_id, sub, email)
      select ${m}, ${sub}, 'p' || i || '@example.com' from people where i % 4 = 1`,
    `insert into bridge_moves (migration_id, sub, begun_at_ms, open_moves, moved_at_ms)
      select ${m}, ${sub}, ${atMs("i")}, 0, ${atMs("i")} from people where i % 4 = 1`,
    `insert into bridge_proofs (migration_id, sub, proven_at_ms)
      select ${m}, ${sub}, ${atMs("i")} from people where i % 5 = 1`,
    `insert into completed_resets (migration_id, destination_id, completed_at_ms)
      select ${m}, 'id_' || i, ${atMs("i")} from people where i % 3 = 1`,
    `insert into reset_links (migration_id, reset_id, destination_id, expires_at_ms)
      select ${m}, 'reset_' || i, 'id_' || i, ${LINKS_EXPIRE_MS} + i from people where i % 2 = 0`,
    `insert into unsent_links (migration_id, reset_id, sub, made_from_ms, made_by_ms)
      select ${m}, 'unsent_' || i, case when i % 2 = 0 then ${sub} end,
        case when i % 2 = 0 then ${atMs("i")} end, case when i % 2 = 0 then ${atMs("i")} end
      from people`,
  ];
}

function atMs(index: string): string {
  return `${FIRST_SETTLED_MS} + cast(${index} as bigint) * ${SETTLED_EVERY_MS}`;
}

interface Items {
  m: number;
  g: number;
  kind: string;
  key: string;
  /** SQL. */
  ordinal: string;
  /** How many there are. */
  of: number;
}

/** All are settled, one in 500 as failed, but for those in the middle. */
function itemsOf(phase: string, { m, g, kind, key, ordinal, of }: Items): string {
  const open = (1 + of / 2).toFixed();
  const isPending = `${ordinal} between ${open} and ${open} + ${OPEN_ITEMS - 1}`;
  const isSending = `${ordinal} between ${open} + ${OPEN_ITEMS} and ${open} + ${2 * OPEN_ITEMS - 1}`;
  const byState = (pending: string, sending: string, failed: string, done: string) => `case
    when ${isPending} then ${pending} when ${isSending} then ${sending}
    when (${ordinal}) % 500 = 3 then ${failed} else ${done} end`;
  return `select ${m}, ${g}, '${phase}', ${ordinal}, '${kind}', ${key}, 'create',
    ${byState("'pending'", "'sending'", "'failed'", "'done'")},
    ${byState("0", `${LARGE_FENCE}`, "3", "3")}, ${byState("0", "1", "1", "1")}, 0,
    ${byState("null", `${FIRST_SETTLED_MS}`, atMs(ordinal), atMs(ordinal))},
    ${byState("null", "null", atMs(ordinal), atMs(ordinal))},
    ${byState("null", "null", "'refused'", "null")}, ${byState("null", "null", "'No.'", "null")}`;
}

const SUB_TAIL = "-0000-4000-8000-000000000000";

/** In order of their making, which an index takes quickest; of the length that Cognito's have. */
export function largeSub(index: number): string {
  return `${index.toString(16).padStart(8, "0")}${SUB_TAIL}`;
}

/** The group of a person's `place`-th membership. */
export function largeGroup(index: number, place = 0, groups = 100): string {
  return `group-${(index * 7 + place) % groups}`;
}

/** The same numbers in another order. */
function scattered(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 0;
}

export function largeEmail(index: number): string {
  return `person.${scattered(index)}@${index % 97}.example.com`;
}

function personOf(index: number): SourceUser {
  const sub = largeSub(index);
  const email = largeEmail(index);
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
