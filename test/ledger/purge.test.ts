import { sql } from "kysely";
import { expect } from "vitest";
import { BRIDGE_TAKES_MS } from "../../src/domain/bridge-time.ts";
import {
  begin,
  beginMove,
  claimAccount,
  dropClaim,
  noteAccount,
  noteMoved,
} from "../../src/ledger/bridge.ts";
import { limitKey, takeOne } from "../../src/ledger/bridge-limits.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { FencedError } from "../../src/ledger/errors.ts";
import { countFailure, OF_NO_MIGRATION } from "../../src/ledger/failures.ts";
import { OWN_COLUMNS } from "../../src/ledger/forgotten-statistics.ts";
import { bridgeTakesMs, lastWork } from "../../src/ledger/last-work.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteAsked } from "../../src/ledger/mails.ts";
import { purgedColumns } from "../../src/ledger/personal-data.ts";
import { keepBeforeImage, noteStanding, placedAmong } from "../../src/ledger/placed.ts";
import {
  beginPurge,
  countPersonalData,
  endPurge,
  type PurgeHold,
  PurgeTakenOverError,
  purgedAt,
  removePersonalData,
} from "../../src/ledger/purge.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { copyResetEvents } from "../../src/ledger/reset-events.ts";
import { rewriteFile } from "../../src/ledger/rewrite-file.ts";
import {
  disownMigration,
  findMigration,
  findMigrationInForce,
  identityOf,
  isPurged,
  noteListed,
  ownMigration,
} from "../../src/ledger/runs.ts";
import { beginRun, FILE, IDENTITY, OWNER, RUN } from "./catalogue/pool.ts";
import { columnsHolding, statisticsHolding, tablesHolding, valuesByColumn } from "./every-value.ts";
import { endedAs, madeOf, seedItems, sourceUser, subOf, testOnBoth, upsertPages } from "./ledgers.ts";

const IMAGE = {
  ...{ id: "user_1", externalId: null, createdAtMs: 1, changedAtMs: 1, emailVerified: true },
  ...{ email: "was@example.com", firstName: "Was", lastName: null, metadata: {} },
};

const found = async (ledger: Ledger) => {
  const migration = await ledger.read((db) => findMigration(db, IDENTITY));
  if (migration === undefined) throw new Error("There is no migration.");
  return migration;
};

async function began(ledger: Ledger, withIdMap = false): Promise<PurgeHold> {
  const migration = await found(ledger);
  const hold = await ledger.write((tx) => beginPurge(tx, migration, withIdMap));
  if (hold === null) throw new Error("No purge began.");
  return hold;
}

async function purge(ledger: Ledger, withIdMap = false) {
  const hold = await began(ledger, withIdMap);
  const removed = await removePersonalData(ledger, hold, withIdMap);
  await ledger.write((tx) => endPurge(tx, hold));
  return removed;
}

/** More people than one slice has, of two migrations. */
async function people(ledger: Ledger, migrationId: number, mark: string): Promise<void> {
  const users = Array.from({ length: 1_100 }, (_, index) =>
    sourceUser(subOf(index), {
      username: `${mark}-${index}`,
      attributes: { email: `${mark}${index}@x.org` },
    }),
  );
  await upsertPages(ledger, 1, [users], migrationId);
}

testOnBoth(
  "what is known of people goes, slice by slice, and nothing of another migration",
  async ({ open }) => {
    const ledger = await open();
    await beginRun(ledger);
    await people(ledger, 1, "mine");
    await people(ledger, 2, "other");
    await ledger.write((tx) => keepBeforeImage(tx, 1, subOf(1), IMAGE));
    await ledger.write((tx) =>
      noteAccount(
        tx,
        { id: 1, generation: 1 },
        {
          ...{ sub: subOf(2), email: "mine@bridge.org", destinationId: "user_2", how: "created" },
          ...{ fingerprint: "email:hash", firstClaimedAtMs: 1 },
        },
      ),
    );
    const counted = await countPersonalData(ledger, 1);
    expect(counted).toMatchObject({ people: 1_100, beforeImages: 1, bridgeAddresses: 1, fingerprints: 1 });
    expect(await purge(ledger)).toEqual(counted);
    for (const text of ["mine", "was@example.com", "email:hash"])
      expect(await tablesHolding(ledger, text)).toEqual({});
    expect(await tablesHolding(ledger, "other")).toEqual({ source_users: 1_100 });
    const placed = await ledger.read((db) => placedAmong(db, 1, "user", [subOf(1), subOf(2)]));
    expect(placed.get(subOf(1))).toMatchObject({ state: "in_doubt", how: "adopted", fingerprint: null });
    expect(placed.get(subOf(2))).toMatchObject({
      state: "standing",
      how: "created",
      destinationId: "user_2",
    });
    expect(await countPersonalData(ledger, 1)).toMatchObject({ people: 0, fingerprints: 0 });
  },
);

/** What stands in rows of one migration, in every column that can hold it: texts and numbers that nothing else has. */
interface Marks {
  text: string;
  number: number;
}
const MINE: Marks = { text: "mine", number: 770_000_000 };
const OTHER: Marks = { text: "other", number: 880_000_000 };
const OTHER_IDENTITY = { ...IDENTITY, environment: "other" };
/** As both begin in every column. */
const shown = ({ text, number }: Marks) => [`${text}-`, String(number).slice(0, 6)];

/** Rows of a migration in each table that has any, and its counts of the bridge. */
async function everywhere(ledger: Ledger, migrationId: number, marks: Marks): Promise<void> {
  const tables = await ledger.read((db) => db.introspection.getTables());
  for (const { name, columns } of tables.filter((table) => table.columns.some(isOfMigration)))
    for (let row = 1; row <= ROWS; row += 1) {
      const values = columns.map((column) => {
        if (column.name === "migration_id") return migrationId;
        if (column.name === "kind") return "user";
        if (column.dataType !== "text") return OWN_COLUMNS.includes(column.name) ? row : marks.number + row;
        return OWN_COLUMNS.includes(column.name) ? "word" : `${marks.text}-${row}`;
      });
      const names = columns.map((column) => sql.ref(column.name));
      await ledger.write((tx) =>
        sql`insert into ${sql.table(name)} (${sql.join(names)}) values (${sql.join(values)}) on conflict do nothing`.execute(
          tx,
        ),
      );
    }
  const identity = await ledger.read((db) => identityOf(db, migrationId));
  for (let row = 1; row <= ROWS; row += 1) {
    const counted = { taken: marks.number + row, until_ms: marks.number + row };
    const key = `${limitKey(identity, [])}.${marks.text}-${row}`;
    await ledger.write((tx) =>
      tx
        .insertInto("bridge_limits")
        .values({ key, ...counted })
        .execute(),
    );
  }
  const file = JSON.stringify({ ...FILE, only: { subs: [`${marks.text}-1`] } });
  const named = { file, file_in_force: file, selecting_since: marks.number + 1 };
  await ledger.write((tx) => tx.updateTable("migrations").set(named).where("id", "=", migrationId).execute());
}

const isOfMigration = ({ name }: { name: string }) => name === "migration_id";

/** So many that PostgreSQL keeps some of their values, whichever table they are in. */
const ROWS = 20;

/** As the server itself does from time to time. */
async function countAnew(ledger: Ledger): Promise<void> {
  if (ledger.kind === "postgresql") await ledger.change((db) => sql`analyze`.execute(db));
}

/** Columns of statistics that repeat a text, without those in which it still stands. */
async function countedAlone(ledger: Ledger, text: string): Promise<string[]> {
  const counted = await statisticsHolding(ledger, text);
  const standing = await columnsHolding(ledger, text);
  return counted.filter((column) => !standing.has(column));
}

for (const [beside, neighbours] of [
  ["alone", false],
  ["beside another migration", true],
] as const)
  testOnBoth(`of a migration ${beside}, what the database counted goes as well`, async ({ open }) => {
    const ledger = await open();
    await beginRun(ledger);
    if (neighbours) {
      await ledger.write((tx) => ownMigration(tx, OTHER_IDENTITY, FILE, OWNER, undefined));
      await everywhere(ledger, 2, OTHER);
    }
    await everywhere(ledger, 1, MINE);
    await countAnew(ledger);
    if (ledger.kind === "postgresql") {
      const kept = [
        "source_users.attributes",
        "identities.user_id",
        "bridge_accounts.email",
        "bridge_limits.key",
      ];
      expect(await statisticsHolding(ledger, "mine-")).toEqual(expect.arrayContaining(kept));
      expect(await statisticsHolding(ledger, "770000")).toContain("source_users.created_at_ms");
    }
    for (const withIdMap of [false, true]) {
      await purge(ledger, withIdMap);
      for (const mark of shown(MINE)) expect(await countedAlone(ledger, mark)).toEqual([]);
    }
    for (const mark of shown(MINE)) expect(await statisticsHolding(ledger, mark)).toEqual([]);
    if (neighbours && ledger.kind === "postgresql")
      expect(await statisticsHolding(ledger, "other-")).toContain("source_users.username");
  });

/** What a purge writes that is nobody's data: that it was, and fences. */
const NOTES = /^(migrations\.(generation|owner_\w+|\w*purge\w*)|cursors\.fence)$/;

for (const withIdMap of [false, true])
  testOnBoth(
    `every column that a purge changes is listed, and nothing else (id map: ${withIdMap})`,
    async ({ open }) => {
      const ledger = await open();
      await beginRun(ledger);
      await everywhere(ledger, 1, MINE);
      const before = await valuesByColumn(ledger);
      await purge(ledger, withIdMap);
      const after = await valuesByColumn(ledger);
      const isLost = ([column, values]: [string, Set<string>]) =>
        [...values].some((value) => !after.get(column)?.has(value));
      const lost = [...before].filter(isLost);
      const changed = lost.map(([column]) => column).filter((column) => !NOTES.test(column));
      const listed = [...purgedColumns(withIdMap)];
      const ofTable = (table: string) => changed.filter((column) => column.startsWith(`${table}.`));
      const asListed = listed.flatMap(([table, columns]) =>
        columns === null ? ofTable(table) : columns.map((column) => `${table}.${column}`),
      );
      expect(new Set(changed)).toEqual(new Set(asListed));
      expect(listed.filter(([table]) => ofTable(table).length === 0)).toEqual([]);
    },
  );

testOnBoth("what the bridge counts of people goes, and what no run is known for", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  const count = (key: string) => ledger.change((db) => takeOne(db, key, 86_400_000));
  const mine = limitKey(IDENTITY, ["account", "ada@example.com"]);
  const others = limitKey({ ...IDENTITY, environment: "other" }, ["account", "ada@example.com"]);
  const signature = limitKey(null, ["signature", "used"]);
  for (const key of [mine, others, signature]) await count(key);
  await ledger.write((tx) =>
    countFailure(tx, {
      ...{ migrationId: OF_NO_MIGRATION, activity: "openUndo", signature: "s" },
      detail: "Error: the words of a vendor",
    }),
  );
  expect(await countPersonalData(ledger, 1)).toMatchObject({ errors: 1 });
  expect(await purge(ledger)).toMatchObject({ errors: 1 });
  expect(await tablesHolding(ledger, "the words of a vendor")).toEqual({});
  expect(await tablesHolding(ledger, mine)).toEqual({});
  expect([(await count(others)).times, (await count(signature)).times]).toEqual([2, 2]);
});

testOnBoth("an account that was adopted counts as that, without its former state too", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  await ledger.write((tx) => keepBeforeImage(tx, 1, subOf(1), IMAGE));
  await purge(ledger);
  const fact = { how: "created", fingerprint: null, details: null, firstClaimedAtMs: 1 } as const;
  await ledger.write((tx) =>
    noteStanding(tx, 1, [{ ...fact, kind: "user", key: subOf(1), destinationId: "user_1" }]),
  );
  const placed = await ledger.read((db) => placedAmong(db, 1, "user", [subOf(1)]));
  expect(placed.get(subOf(1))?.how).toBe("adopted");
});

testOnBoth(
  "what was being sent is in doubt, and an attempt of the run writes nothing more",
  async ({ open }) => {
    const ledger = await open();
    await beginRun(ledger);
    const range = await seedItems(ledger, 4);
    const items = await ledger.write((tx) => claim(tx, range, 10, 3));
    const [done, failed, sent] = items;
    if (done === undefined || failed === undefined || sent === undefined)
      throw new Error("Nothing was claimed.");
    await ledger.write((tx) => settle(tx, range, 10, [madeOf(done), endedAs(failed, "failed", "refused")]));
    const cursor = { ...RUN, name: "snapshot" };
    await takeCursor(ledger, cursor, 10);
    await ledger.write((tx) => disownMigration(tx, 1, OWNER.firstRunId));
    await purge(ledger);

    const placed = await ledger.read((db) =>
      placedAmong(
        db,
        1,
        "user",
        items.map(({ key }) => key),
      ),
    );
    expect(placed.get(sent.key)?.state).toBe("in_doubt");
    expect(placed.get(done.key)).toMatchObject({ state: "standing", fingerprint: null });
    expect(await ledger.write((tx) => claim(tx, range, 20, 10))).toEqual([]);
    await expect(ledger.write((tx) => settle(tx, range, 10, [madeOf(sent)]))).rejects.toThrow(FencedError);
    const next = { position: "2", done: false, counters: {} };
    await expect(ledger.write((tx) => moveCursor(tx, cursor, 10, next))).rejects.toThrow(FencedError);
    await expect(takeCursor(ledger, cursor, Date.now())).rejects.toThrow(FencedError);
    // What failed is told still, without the vendor's words.
    const kept = await ledger.read((db) => db.selectFrom("work_items").select(["code", "message"]).execute());
    expect(kept.toSorted((a) => (a.code === null ? -1 : 1))).toEqual([
      { code: null, message: null },
      { code: "refused", message: null },
    ]);
  },
);

testOnBoth("no run begins before a purge is through, and none after one of the id map", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  const begin = async () => {
    const migration = await found(ledger);
    return ledger.write((tx) =>
      ownMigration(tx, IDENTITY, FILE, { ...OWNER, firstRunId: "run-2" }, migration),
    );
  };
  const before = await found(ledger);
  const hold = await began(ledger);
  // Who was asked about the run that owned it was asked about something else.
  expect(await ledger.write((tx) => beginPurge(tx, before, false))).toBeNull();
  expect(await begin()).toBeUndefined();
  expect(await ledger.read((db) => purgedAt(db, 1))).toBeNull();
  await ledger.write((tx) => endPurge(tx, hold));
  expect(await ledger.read((db) => purgedAt(db, 1))).toBeGreaterThan(Date.now() - 60_000);
  expect(await begin()).toEqual({ id: 1, generation: 2, undoneGeneration: 0 });
  expect(isPurged(await found(ledger))).toBe(true);
  await ledger.write((tx) => noteListed(tx, { migrationId: 1, generation: 2 }));
  expect(isPurged(await found(ledger))).toBe(false);
  await purge(ledger, true);
  expect(await found(ledger)).toMatchObject({
    purge: { isIdMapGone: true, isReadAnew: false },
    inForce: null,
  });
  expect(await begin()).toBeUndefined();
});

testOnBoth(
  "a purge that another one took over removes nothing more, also of a run that began since",
  async ({ open }) => {
    const ledger = await open();
    await beginRun(ledger);
    await people(ledger, 1, "first");
    const [frozen, other] = [await began(ledger), await began(ledger)];
    const held = (hold: PurgeHold) => removePersonalData(ledger, hold, false);
    await expect(held(frozen)).rejects.toThrow(PurgeTakenOverError);
    expect((await held(other)).people).toBe(1_100);
    await expect(ledger.write((tx) => endPurge(tx, frozen))).rejects.toThrow(PurgeTakenOverError);
    await ledger.write((tx) => endPurge(tx, other));
    const migration = await found(ledger);
    const next = { ...OWNER, firstRunId: "run-2" };
    await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, next, migration));
    await people(ledger, 1, "later");
    for (const hold of [frozen, other]) await expect(held(hold)).rejects.toThrow(PurgeTakenOverError);
    expect((await countPersonalData(ledger, 1)).people).toBe(1_100);
  },
);

testOnBoth("what a purge of the id map began, none without it takes over and ends", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  await people(ledger, 1, "mine");
  await ledger.write((tx) => disownMigration(tx, 1, OWNER.firstRunId));
  const before = await found(ledger);
  const hold = await began(ledger, true);
  expect(await ledger.write((tx) => beginPurge(tx, before, false))).toBeNull();
  await removePersonalData(ledger, hold, true);
  await ledger.write((tx) => endPurge(tx, hold));
  expect(await tablesHolding(ledger, "sub-")).toEqual({});
});

testOnBoth("every door of the bridge goes by one word for whether something may begin", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  let events = 0;
  const copy = () => {
    events += 1;
    const event = { eventId: `event_${events}`, atMs: events };
    return ledger.write((tx) => copyResetEvents(tx, 1, [], event));
  };
  const doors = async () => ({
    noted: await begin(ledger, 1, async () => undefined),
    moved: await ledger.change((db) => beginMove(db, 1, subOf(1))),
    served: ((row) => row !== undefined && !isPurged(row))(
      await ledger.read((db) => findMigrationInForce(db, IDENTITY)),
    ),
    copied: await copy(),
  });
  const all = (isOpen: boolean) => ({ noted: isOpen, moved: isOpen, served: isOpen, copied: isOpen });
  expect(await doors()).toEqual(all(true));
  const hold = await began(ledger);
  expect(await doors()).toEqual(all(false));
  await ledger.write((tx) => endPurge(tx, hold));
  expect(await doors()).toEqual(all(false));
  const next = { ...OWNER, firstRunId: "run-2" };
  const purged = await found(ledger);
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, next, purged));
  expect(await doors()).toEqual(all(false));
  await ledger.write((tx) => noteListed(tx, { migrationId: 1, generation: 2 }));
  expect(await doors()).toEqual(all(true));
  // What an undo leaves is brought over by the run after it: its resets are copied meanwhile.
  const undo = {
    ...{ userPoolId: IDENTITY.poolId, confirm: IDENTITY.poolId },
    ...{ destination: FILE.destination, signedInSince: "keep" },
  };
  await ledger.write((tx) =>
    tx
      .updateTable("migrations")
      .set({ undo: JSON.stringify(undo) })
      .execute(),
  );
  expect(await doors()).toEqual({ ...all(false), copied: true });
  // And a dry run brings nobody, after an undo either.
  await ledger.write(async (tx) => {
    await tx
      .updateTable("migrations")
      .set({ undone_generation: 2, file_in_force: null, undo: null })
      .execute();
  });
  expect(await doors()).toEqual({ ...all(false), copied: true });
});

testOnBoth("how long what the bridge began may still be under way is known", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  const leftMs = () => bridgeTakesMs(ledger, 1);
  expect(await leftMs()).toBe(0);
  const claimed = { sub: subOf(1), email: "ada@example.com", firstClaimedAtMs: 1 };
  await ledger.write((tx) => claimAccount(tx, 1, claimed));
  expect(await leftMs()).toBe(BRIDGE_TAKES_MS);
  await ledger.write((tx) => dropClaim(tx, 1, claimed));
  expect(await leftMs()).toBe(0);
  await ledger.change((db) => beginMove(db, 1, subOf(2)));
  await ledger.write((tx) => noteMoved(tx, 1, subOf(2)));
  expect(await leftMs()).toBeGreaterThan(BRIDGE_TAKES_MS - 10_000);
  // One from beyond all bounds is of a clock that was set back since.
  for (const [begun_at_ms, leftMsThen] of [
    [Date.now() + 3_600_000, BRIDGE_TAKES_MS],
    [Date.now() - 3_600_000, 0],
  ] as const) {
    await ledger.write((tx) => tx.updateTable("bridge_moves").set({ begun_at_ms }).execute());
    expect(await leftMs()).toBe(leftMsThen);
  }
});

testOnBoth("a purge of the id map leaves nothing of a migration but that it was", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  await people(ledger, 1, "mine");
  await seedItems(ledger, 3);
  await ledger.change((db) => noteAsked(db, 1, subOf(1)));
  await purge(ledger, true);
  for (const text of ["sub-", '"migration_id":1,'])
    expect(await tablesHolding(ledger, text), text).toEqual({});
  expect((await found(ledger)).file.source).toEqual(FILE.source);
});

testOnBoth("when something was last done is known, and by whom", async ({ open }) => {
  const ledger = await open();
  await beginRun(ledger);
  const begun = await lastWork(ledger, 1);
  expect(begun).toEqual({ atMs: expect.any(Number), bridgeAtMs: null });
  await ledger.change((db) => noteAsked(db, 1, subOf(1)));
  const asked = await lastWork(ledger, 1);
  expect(asked.bridgeAtMs).toBeGreaterThanOrEqual(begun.atMs ?? 0);
  expect(asked.atMs).toBe(asked.bridgeAtMs);
});

testOnBoth("a file is written anew while others have it open", async ({ open }) => {
  const [ledger, other] = [await open(), await open()];
  await beginRun(ledger);
  await people(other, 1, "mine");
  await purge(ledger);
  expect(await rewriteFile(ledger)).toBe(true);
  expect(await tablesHolding(other, "mine")).toEqual({});
});
