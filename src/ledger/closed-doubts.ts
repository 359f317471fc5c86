import { sql } from "kysely";
import type { WorkIntent } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import { changedFields, hasField, withEitherField } from "../plan/fingerprint.ts";
import { isOneOf, listedRows, nowMsSql } from "./dialect.ts";
import type { Tx } from "./ledger.ts";
import { noteDoubts, type PlacedKey, placedAmong } from "./placed.ts";
import { membershipsAmong } from "./standing-structure.ts";

/** What a run that is over may have done: nobody will hear of it any more. */

/** An item of which nobody hears any more, as its queue has it. */
export interface UnheardItem extends Closed {
  /** Mails are claimed in a book of their own. */
  intent: WorkIntent;
  state: WorkItemState;
  in_doubt: 0 | 1;
  first_claimed_at_ms: number | null;
}

export const UNHEARD = sql`generation, kind, key, intent, state, in_doubt, first_claimed_at_ms`;

/** What these may have done is in doubt from now on. */
export async function noteWhatMayBe(
  tx: Tx,
  migrationId: number,
  items: readonly UnheardItem[],
): Promise<void> {
  const doubtful = items.flatMap(({ state, in_doubt, first_claimed_at_ms: firstClaimedAtMs, ...same }) =>
    firstClaimedAtMs !== null && (state === "sending" || in_doubt === 1)
      ? [{ ...same, firstClaimedAtMs }]
      : [],
  );
  const doubted = (intent: WorkIntent) => doubtful.filter((item) => item.intent === intent);
  await noteDoubts(tx, migrationId, doubted("create"));
  await doubtChanges(tx, migrationId, doubted("update"));
  await doubtStanding(tx, migrationId, doubted("remove"));
  await doubtAdopted(tx, migrationId, doubted("restore"));
}

interface Closed extends PlacedKey {
  generation: number;
}

const FINGERPRINT = { key: "text", fingerprint: "text" };
/** No run writes an address unless its operator named the person; the destination is asked before the next change. */
const NEVER_DOUBTED = ["email"];

/**
 * A field that was being changed is as it was, or as planned. A membership that was to have the destination's default
 * role was being removed and made anew: nobody knows under which id it stands, or whether it does.
 */
export async function doubtChanges(tx: Tx, migrationId: number, closed: readonly Closed[]): Promise<void> {
  for (const [kind, same] of Map.groupBy(closed, (one) => one.kind)) {
    const planned = await plannedFingerprints(tx, migrationId, kind, same);
    const placed = await placedAmong(
      tx,
      migrationId,
      kind,
      same.map(({ key }) => key),
    );
    const rows = [...placed.values()].flatMap(({ key, fingerprint }) => {
      const after = planned.get(key);
      if (after === undefined || fingerprint === null) return [];
      const names = changedFields(fingerprint, after).filter((name) => !NEVER_DOUBTED.includes(name));
      return [{ key, fingerprint: withEitherField(fingerprint, after, names) }];
    });
    if (rows.length === 0) continue;
    const isMadeAnew = ({ key }: Closed) => hasField(planned.get(key) ?? "", "roles", []);
    if (kind === "membership") await doubtStanding(tx, migrationId, same.filter(isMadeAnew));
    await sql`
      with doubted as materialized (select * from ${listedRows(tx, FINGERPRINT, rows)})
      update placed set fingerprint = doubted.fingerprint from doubted
      where placed.migration_id = ${migrationId} and placed.kind = ${kind}
        and placed.key = doubted.key and ${isOneOf(
          tx,
          "placed.key",
          rows.map(({ key }) => key),
        )}`.execute(tx);
  }
}

/** What was being removed stands, or does not: whoever is to have it again looks it up first. */
export async function doubtStanding(tx: Tx, migrationId: number, closed: readonly Closed[]): Promise<void> {
  for (const [kind, same] of Map.groupBy(closed, (one) => one.kind)) {
    const keys = same.map(({ key }) => key);
    await doubt(tx, migrationId, kind, keys);
    // Its memberships go with an account.
    if (kind === "user")
      await doubt(tx, migrationId, "membership", await membershipsAmong(tx, migrationId, keys));
  }
}

/** What was being restored has our key, or has it no more. That it was adopted stays known: it is nobody's to remove. */
export async function doubtAdopted(tx: Tx, migrationId: number, closed: readonly Closed[]): Promise<void> {
  if (closed.length === 0) return;
  const keys = closed.map(({ key }) => key);
  await tx
    .updateTable("placed")
    .set({ state: "in_doubt" })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where(isOneOf(tx, "key", keys))
    .where("state", "=", "standing")
    .execute();
}

async function doubt(
  tx: Tx,
  migrationId: number,
  kind: PlacedKey["kind"],
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .updateTable("placed")
    // It stays known what was written: where it stands, somebody may have changed it there.
    .set((eb) => ({
      state: "in_doubt",
      doubted_id: eb.ref("destination_id"),
      doubted_at_ms: nowMsSql(tx),
      destination_id: null,
      how: null,
    }))
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where(isOneOf(tx, "key", keys))
    .where("state", "=", "standing")
    .execute();
}

/** Of the plan that the run worked by. */
async function plannedFingerprints(
  tx: Tx,
  migrationId: number,
  kind: PlacedKey["kind"],
  closed: readonly Closed[],
): Promise<Map<string, string>> {
  const keys = closed.map(({ key }) => key);
  const generations = new Map(closed.map(({ key, generation }) => [key, generation]));
  const rows =
    kind === "user"
      ? await tx
          .selectFrom("plan")
          .select(["sub as key", "fingerprint", "generation"])
          .where("migration_id", "=", migrationId)
          .where(isOneOf(tx, "sub", keys))
          .execute()
      : await tx
          .selectFrom("planned_objects")
          .select(["key", "fingerprint", "generation"])
          .where("migration_id", "=", migrationId)
          .where("kind", "=", kind)
          .where(isOneOf(tx, "key", keys))
          .execute();
  return new Map(
    rows.flatMap(({ key, fingerprint, generation }) =>
      fingerprint !== null && generations.get(key) === generation ? [[key, fingerprint]] : [],
    ),
  );
}
