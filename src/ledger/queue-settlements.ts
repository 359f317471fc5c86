import { sql } from "kysely";
import type { PlacedKind } from "../domain/books.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { isOneOf, isPostgres, listedRows, nowMsSql } from "./dialect.ts";
import { FencedError } from "./errors.ts";
import type { Tx } from "./ledger.ts";
import { forgetMails, settleMails } from "./mails.ts";
import { countMoves } from "./phase-counts.ts";
import { dropDoubts, noteDoubts, noteRemoved, noteStanding } from "./placed.ts";
import type { Settlement, WorkRange } from "./queue.ts";
import type { RunOfMigration } from "./runs.ts";
import { forgetReplaced, takeBack } from "./taken-back.ts";

/** How items of the queue end. */

/** Of what was to be removed, and somebody else had removed. */
const GONE_ALREADY = "removed_at_destination";

const OUTCOME = {
  ordinal: "integer",
  state: "text",
  in_doubt: "integer",
  put_off_ms: "bigint",
  code: "text",
  message: "text",
};

/** Writes outcomes; throws FencedError, and writes none, if any of the items is claimed by a later attempt. */
export async function settle(
  tx: Tx,
  range: WorkRange,
  fence: number,
  settlements: readonly Settlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  const ordinals = settlements.map(({ item }) => item.ordinal);
  const rows = settlements.map(({ item, state, inDoubt, putOffMs, code, message }) => ({
    ordinal: item.ordinal,
    state,
    in_doubt: inDoubt ? 1 : 0,
    put_off_ms: putOffMs ?? null,
    code,
    message,
  }));
  const result = await sql`
    with outcome as materialized (select * from ${listedRows(tx, OUTCOME, rows)})
    update work_items set
      state = outcome.state, in_doubt = outcome.in_doubt, code = outcome.code, message = outcome.message,
      put_off = put_off + case when outcome.put_off_ms is null then 0 else 1 end,
      due_at_ms = ${nowMsSql(tx)} + outcome.put_off_ms,
      settled_at_ms = case when outcome.state = 'pending' then null else ${nowMsSql(tx)} end
    from outcome
    where work_items.migration_id = ${range.migrationId} and work_items.generation = ${range.generation}
      and work_items.phase = ${range.phase} and work_items.ordinal = outcome.ordinal
      -- Without bounds SQLite reads the whole phase.
      and work_items.ordinal between ${Math.min(...ordinals)} and ${Math.max(...ordinals)}
      and work_items.state = 'sending' and work_items.fence = ${fence}`.execute(tx);
  if (Number(result.numAffectedRows ?? 0n) !== settlements.length) throw new FencedError();
  if (range.phase === "resets") await settleMails(tx, range.migrationId, settlements);
  else await noteOutcomes(tx, range.migrationId, settlements);
  const moves = [...Map.groupBy(settlements, ({ state }) => state)]
    .filter(([state]) => state !== "pending")
    .map(([to, same]) => ({ from: "pending" as const, to, items: same.length }));
  await countMoves(tx, range, range.phase, moves);
}

/** What the outcomes say about the destination. */
async function noteOutcomes(tx: Tx, migrationId: number, settlements: readonly Settlement[]): Promise<void> {
  const ended = settlements.filter(({ state }) => state === "failed" || state === "skipped");
  // A removal that was refused, or not wanted any more, says nothing about whether the thing stands.
  const denied = ended
    .filter(({ inDoubt, item }) => !inDoubt && item.intent === "create")
    .map(({ item }) => item);
  const facts = settlements.flatMap(({ item, fact }) =>
    fact === null
      ? []
      : [{ kind: item.kind, key: item.key, firstClaimedAtMs: item.firstClaimedAtMs, ...fact }],
  );
  const isUser = ({ kind }: { kind: PlacedKind }) => kind === "user";
  await forgetReplaced(tx, migrationId, [
    ...facts.filter(isUser),
    ...denied.filter(isUser).map(({ key }) => ({ key, destinationId: null })),
  ]);
  await noteStanding(tx, migrationId, facts);
  await takeBack(
    tx,
    migrationId,
    settlements.flatMap(({ item, isRemoved }) => (isRemoved ? [item] : [])),
  );
  await forgetMails(
    tx,
    migrationId,
    settlements.flatMap(({ item, forgetsMail }) => (forgetsMail ? [item.key] : [])),
  );
  for (const { item, state, code } of settlements)
    if (item.intent === "remove" && state === "skipped" && code === GONE_ALREADY)
      await noteRemoved(tx, migrationId, item.kind, item.key);
  await noteDoubts(
    tx,
    migrationId,
    ended.filter(({ inDoubt }) => inDoubt).map(({ item }) => item),
  );
  await dropDoubts(tx, migrationId, denied);
}

/** How something ended in another way than by its item; `code` says why it is not done. */
export type Overtaken = { state: "done"; code: null } | { state: "skipped"; code: string };

const DONE: Overtaken = { state: "done", code: null };

/**
 * Things were made in another way while they waited in the queue of the newest run, or had failed there: their items are
 * done, unless `as` says something else. One that is being sent at this moment finds out by itself.
 */
export async function overtake(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  { kind, keys }: { kind: PlacedKind; keys: readonly string[] },
  as: Overtaken = DONE,
): Promise<void> {
  const { migrationId, generation } = run;
  const waiting = await tx
    .selectFrom("work_items")
    .select(["ordinal", "state"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", phase)
    .where(isOneOf(tx, "key", keys))
    .where("kind", "=", kind)
    .where("state", "in", ["pending", "failed"])
    // Nobody claims them before they are overtaken.
    .$if(isPostgres(tx), (query) => query.forUpdate())
    .$narrowType<{ state: "pending" | "failed" }>()
    .execute();
  if (waiting.length === 0) return;
  const ordinals = waiting.map(({ ordinal }) => ordinal);
  await tx
    .updateTable("work_items")
    .set({ ...as, in_doubt: 0, message: null, settled_at_ms: nowMsSql(tx) })
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", phase)
    .where(isOneOf(tx, "ordinal", ordinals))
    .execute();
  const moves = [...Map.groupBy(waiting, ({ state }) => state)].map(([from, same]) => ({
    from,
    to: as.state,
    items: same.length,
  }));
  await countMoves(tx, run, phase, moves);
}
