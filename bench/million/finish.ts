import { type RawBuilder, sql } from "kysely";
import type { ItemPhase } from "../../src/domain/phases.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { disownMigration } from "../../src/ledger/runs.ts";
import { OWNER, RUN } from "./fill.ts";

/** A planned ledger as the phases after the plan leave it, in slices of the queue: the database makes the rows. */

const SLICE_ITEMS = 5_000;
const FIRST_SETTLED_MS = 1_750_000_000_000;
const SETTLED_EVERY_MS = 20;
/** So far away that no link is forgotten. */
const LINKS_EXPIRE_MS = 4_000_000_000_000;

const M = sql.lit(RUN.migrationId);
const G = sql.lit(RUN.generation);

export async function finishRun(ledger: Ledger): Promise<void> {
  for (const phase of ["structure", "users", "memberships"] as const) {
    await inSlices(ledger, phase, (slice) => [standing(ledger, phase, slice), settled(phase, slice)]);
    await countItems(ledger, phase);
  }
  await inSlices(ledger, "users", (slice) => mailed(ledger, slice));
  await countItems(ledger, "resets");
  await ledger.write((tx) => disownMigration(tx, RUN.migrationId, OWNER.firstRunId));
  if (ledger.kind === "postgresql") await ledger.write((tx) => sql`analyze`.execute(tx));
  await ledger.sync();
}

/** Items of the queue, by their ordinals. */
interface Slice {
  from: number;
  to: number;
}

async function inSlices(
  ledger: Ledger,
  phase: ItemPhase,
  statementsOf: (slice: Slice) => RawBuilder<unknown>[],
): Promise<void> {
  const { rows } = await ledger.read((db) =>
    sql<{ last: number }>`select coalesce(max(ordinal), 0) as last from work_items
      where migration_id = ${M} and generation = ${G} and phase = ${phase}`.execute(db),
  );
  const last = rows[0]?.last ?? 0;
  for (let from = 1; from <= last; from += SLICE_ITEMS)
    await ledger.writeSoon(async (tx) => {
      const slice = { from, to: Math.min(from + SLICE_ITEMS - 1, last) };
      for (const statement of statementsOf(slice)) await statement.execute(tx);
    });
}

function itemsOf(phase: ItemPhase, { from, to }: Slice) {
  return sql`i.migration_id = ${M} and i.generation = ${G} and i.phase = ${phase}
    and i.ordinal between ${from} and ${to}`;
}

const AT_MS = sql`${sql.lit(FIRST_SETTLED_MS)} + cast(i.ordinal as bigint) * ${sql.lit(SETTLED_EVERY_MS)}`;
/** Of people: one in 250 was refused, one in 250 is there under another key; their memberships ended with them. */
const HAS_FAILED = sql`i.ordinal % 250 = 3`;
const IS_TAKEN = sql`i.ordinal % 250 = 5`;
const STANDS = sql`not (${HAS_FAILED} or ${IS_TAKEN})`;

function standing(ledger: Ledger, phase: ItemPhase, slice: Slice): RawBuilder<unknown> {
  const number =
    ledger.kind === "sqlite" ? sql`printf('%024d', i.ordinal)` : sql`lpad(i.ordinal::text, 24, '0')`;
  const into = sql`insert into placed (migration_id, kind, key, state, destination_id, how, fingerprint, details,
    first_claimed_at_ms, written_at_ms, before_image)`;
  if (phase !== "users") {
    const goes = phase === "memberships" ? withTheirAccounts(ledger) : sql`true`;
    const id = sql`case i.kind when 'role' then i.key when 'membership' then 'om_01' || ${number}
      else 'org_01' || ${number} end`;
    return sql`${into}
      select ${M}, i.kind, i.key, 'standing', ${id}, 'created', o.fingerprint, null, ${AT_MS}, ${AT_MS}, null
      from work_items i join planned_objects o on o.migration_id = ${M} and o.kind = i.kind and o.key = i.key
      where ${itemsOf(phase, slice)} and ${goes}`;
  }
  const image = sql`case when i.ordinal % 1000 = 17 then '{"id":"user_01","externalId":null,"email":"e","emailVerified":true,"firstName":null,"lastName":null,"metadata":{},"createdAtMs":0,"changedAtMs":0}' end`;
  const how = sql`case i.ordinal % 1000 when 17 then 'adopted' when 19 then 'already_there' else 'created' end`;
  const fingerprint = sql`case i.ordinal % 1000 when 19 then null else p.fingerprint end`;
  return sql`${into}
    select ${M}, 'user', i.key, 'standing', 'user_01' || ${number}, ${how}, ${fingerprint}, null, ${AT_MS}, ${AT_MS}, ${image}
    from work_items i join plan p on p.migration_id = ${M} and p.sub = i.key
    where ${itemsOf(phase, slice)} and ${STANDS}`;
}

/** A membership stands where its account does. */
function withTheirAccounts(ledger: Ledger): RawBuilder<unknown> {
  const sub =
    ledger.kind === "sqlite" ? sql`substr(i.key, 1, instr(i.key, ' ') - 1)` : sql`split_part(i.key, ' ', 1)`;
  return sql`exists (select 1 from placed a where a.migration_id = ${M} and a.kind = 'user' and a.key = ${sub})`;
}

function settled(phase: ItemPhase, slice: Slice): RawBuilder<unknown> {
  const stands = sql`exists (select 1 from placed s where s.migration_id = ${M} and s.kind = i.kind and s.key = i.key)`;
  const failed = phase === "users" ? HAS_FAILED : sql`false`;
  return sql`update work_items as i set fence = 3, attempts = 1, first_claimed_at_ms = ${AT_MS}, settled_at_ms = ${AT_MS},
    state = case when ${stands} then 'done' when ${failed} then 'failed' else 'skipped' end,
    code = case when ${stands} then null when ${failed} then 'invalid_email'
      else ${phase === "users" ? "external_id_taken" : "user_or_organization_missing"} end,
    message = case when ${stands} then null when ${failed} then 'The address of ' || i.key || ' was refused.' end
    where ${itemsOf(phase, slice)}`;
}

/** Three of four people are mailed, one in six of them over the bridge, where one in five signed in. */
function mailed(ledger: Ledger, slice: Slice): RawBuilder<unknown>[] {
  const done = sql`${itemsOf("users", slice)} and i.state = 'done'`;
  const before = sql`(select coalesce(max(r.ordinal), 0) from work_items r
    where r.migration_id = ${M} and r.generation = ${G} and r.phase = 'resets')`;
  const isMailed = sql`i.ordinal % 4 <> 0`;
  const isUnsettled = sql`i.ordinal % 1000 = 41`;
  const people = sql`work_items i join source_users u on u.migration_id = ${M} and u.sub = i.key`;
  const id = sql`(select a.destination_id from placed a where a.migration_id = ${M} and a.kind = 'user' and a.key = i.key)`;
  const text = ledger.kind === "sqlite" ? sql`cast(i.ordinal as text)` : sql`i.ordinal::text`;
  return [
    sql`insert into work_items (migration_id, generation, phase, ordinal, kind, key, intent, state, fence, attempts,
        in_doubt, first_claimed_at_ms, settled_at_ms, code)
      select ${M}, ${G}, 'resets', ${before} + row_number() over (order by i.ordinal), 'user', i.key, 'mail',
        case when ${isUnsettled} then 'skipped' else 'done' end, 5, 1, 0, ${AT_MS}, ${AT_MS},
        case when ${isUnsettled} then 'unsettled' end
      from work_items i where ${done} and ${isMailed}`,
    sql`insert into mails (migration_id, sub, sender, state, mails, claimed_at_ms, settled_at_ms, delivery, mail_id, code)
      select ${M}, i.key, 'campaign', case when ${isUnsettled} then 'unsettled' else 'mailed' end, 1, ${AT_MS}, ${AT_MS},
        'destination', case when ${isUnsettled} then null else 'reset_01' || ${text} end,
        case when ${isUnsettled} then 'unsettled' end
      from work_items i where ${done} and ${isMailed}`,
    sql`insert into mails (migration_id, sub, sender, state, mails, claimed_at_ms, settled_at_ms)
      select ${M}, i.key, 'bridge', 'mailed', 1, ${AT_MS}, ${AT_MS} from work_items i where ${done} and i.ordinal % 6 = 0`,
    sql`insert into looks (migration_id, sub, generation, looked_at_ms, status, enabled, native, email, email_verified)
      select ${M}, u.sub, ${G}, ${AT_MS}, u.status, u.enabled, u.native, u.email, u.email_verified
      from ${people} where ${done} and ${isMailed}`,
    sql`insert into bridge_accounts (migration_id, sub, email)
      select ${M}, u.sub, u.email from ${people} where ${done} and i.ordinal % 5 = 1 and u.email is not null`,
    sql`insert into bridge_moves (migration_id, sub, begun_at_ms, open_moves, moved_at_ms)
      select ${M}, i.key, ${AT_MS}, 0, ${AT_MS} from work_items i where ${done} and i.ordinal % 5 = 1`,
    sql`insert into bridge_proofs (migration_id, sub, proven_at_ms)
      select ${M}, i.key, ${AT_MS} from work_items i where ${done} and i.ordinal % 5 = 1`,
    sql`insert into completed_resets (migration_id, destination_id, completed_at_ms)
      select ${M}, ${id}, ${AT_MS} from work_items i where ${done} and i.ordinal % 3 = 1`,
    sql`insert into reset_links (migration_id, reset_id, destination_id, expires_at_ms)
      select ${M}, 'reset_01' || ${text}, ${id}, ${sql.lit(LINKS_EXPIRE_MS)} from work_items i
      where ${done} and i.ordinal % 3 = 2`,
  ];
}

/** Totals are kept beside the items: these were settled without them. */
async function countItems(ledger: Ledger, phase: ItemPhase): Promise<void> {
  await ledger.write(async (tx) => {
    await sql`delete from phase_counts where migration_id = ${M} and generation = ${G} and phase = ${phase}`.execute(
      tx,
    );
    await sql`insert into phase_counts (migration_id, generation, phase, state, items)
      select ${M}, ${G}, phase, state, count(*) from work_items
      where migration_id = ${M} and generation = ${G} and phase = ${phase} group by phase, state`.execute(tx);
  });
}
