import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BRIDGE_TAKES_MS } from "../../src/domain/bridge-time.ts";
import { noteAccount, noteMoved } from "../../src/ledger/bridge.ts";
import { limitKey, takeOne } from "../../src/ledger/bridge-limits.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { noteAsked } from "../../src/ledger/mails.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { beginPurge } from "../../src/ledger/purge.ts";
import { disownMigration, identityOf, ownAsItStands, readMigration } from "../../src/ledger/runs.ts";
import { until } from "../faults/until.ts";
import { tablesHolding } from "../ledger/every-value.ts";
import { freshPostgres, sourceUser, upsertPages } from "../ledger/ledgers.ts";
import { runCli, startCli } from "./cli.ts";
import { ownedRig } from "./owned-rig.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration, type Rig, startRig } from "./rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";

const SUB = "5f73d69a-fd90-4c9f-ac3a-8d3e07ef5157";
const EMAIL = "ada@example.com";
const DAY_MS = 86_400_000;

/** A migration that nobody owns, with one person whose account stands. */
async function purgeRig(ledgerUrl?: string): Promise<Rig> {
  const rig = await startRig(1);
  if (ledgerUrl !== undefined) rig.settings.SPILLWAY_LEDGER = ledgerUrl;
  await addMigration(rig, rig.workos.clientId);
  await change(rig, async (ledger) => {
    await ledger.write((tx) => disownMigration(tx, 1, "r"));
    await upsertPages(ledger, 1, [[sourceUser(SUB, { attributes: { email: EMAIL, given_name: "Ada" } })]]);
    const fact = { how: "created", fingerprint: "email:hash", details: null, firstClaimedAtMs: 1 } as const;
    await ledger.write((tx) =>
      noteStanding(tx, 1, [{ ...fact, kind: "user", key: SUB, destinationId: "user_01" }]),
    );
    await ledger.write((tx) =>
      tx
        .insertInto("cursors")
        .values({
          ...{ migration_id: 1, name: "snapshot", generation: 1, fence: 1 },
          ...{ position: null, done: 1, counters: '{"users":1}' },
        })
        .execute(),
    );
  });
  return rig;
}

async function change<T>({ settings }: Rig, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger(settings.SPILLWAY_LEDGER ?? "");
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

const spillway = ({ folder, settings }: Rig, words: readonly string[], input?: string) =>
  runCli(words, folder, settings, input);
const purge = (rig: Rig, ...words: string[]) => spillway(rig, ["purge", rig.pool.poolId, ...words]);
const confirmed = (rig: Rig, ...words: string[]) => purge(rig, "--confirm", rig.pool.poolId, ...words);
const knows = (rig: Rig) => change(rig, (ledger) => tablesHolding(ledger, EMAIL));

test("a purge removes people's data, and every command says so afterwards", async () => {
  const rig = await purgeRig();
  const { code, stdout, stderr } = await confirmed(rig);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    /1 person's attributes[\s\S]*Afterwards:[\s\S]*undo +removes what was made[\s\S]*Purged/,
  );
  expect(await knows(rig)).toEqual({});
  for (const name of ["ledger.db", "ledger.db-wal"])
    expect(readFileSync(join(rig.folder, name), { flag: "a+", encoding: "latin1" })).not.toContain(EMAIL);

  const found = await spillway(rig, ["lookup", SUB]);
  expect(found).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/user_01[\s\S]*was purged from the ledger on/),
  });
  expect(found.stdout).not.toMatch(/^(?:created|last changed) /m);
  const json = await spillway(rig, ["lookup", SUB, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject([
    {
      destinationId: "user_01",
      purgedAtMs: expect.any(Number),
      cognito: { createdAt: null, changedAt: null },
    },
  ]);
  expectRefusal(await spillway(rig, ["lookup", "--email"], EMAIL), /was purged .* look up a sub\./);
  const report = await spillway(rig, ["report", "--out", "report", "--json"]);
  expect(JSON.parse(report.stdout)).toMatchObject({ listed: 1, purgedAt: expect.any(String) });
  expect(readFileSync(join(rig.folder, "report", "users.csv"), "utf8")).toContain(`${SUB},imported,,user_01`);
  expect(readFileSync(join(rig.folder, "report", "attributes.jsonl"), "utf8")).toBe("");
  const file = {
    source: { region: "eu-west-1", userPoolId: rig.pool.poolId },
    destination: { kind: "workos" },
  };
  writeFileSync(join(rig.folder, "file.json"), JSON.stringify(file));
  expectRefusal(
    await spillway(rig, ["decide", "file.json", "--list"]),
    /was purged .* `\.\/spillway migrate FILE` asks/,
  );
  for (const words of [[], ["--dry-run"]]) {
    const again = await confirmed(rig, ...words);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("there is nothing left to remove"),
    });
    expect(again.stdout).not.toContain("written anew");
  }
});

test("a dry run shows what would go, and nobody is asked without a terminal", async () => {
  const rig = await purgeRig();
  const shown = await purge(rig, "--dry-run", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({
    ...{ dryRun: true, purgedAt: null, idMap: false, removed: { people: 1, fingerprints: 1 } },
    afterwards: { undo: "removes what was made" },
  });
  const { poolId } = rig.pool;
  const unasked = await purge(rig, "--id-map", "--older-than", "0");
  expect(unasked).toMatchObject({
    code: 2,
    stderr: `There is no terminal to ask at. To remove all of this for good, and who became which account with it: \`./spillway purge ${poolId} --older-than 0 --id-map --confirm ${poolId}\`\n`,
  });
  const mistyped = await purge(rig, "--confirm", "eu-west-1_Other");
  expect(mistyped).toMatchObject({ code: 2, stderr: `That is not "${poolId}". Nothing was changed.\n` });
  expectRefusal(await purge(rig, "--json"), /give --confirm with the pool's id, or --dry-run/);
  expect(await knows(rig)).toEqual({ source_users: 1 });
});

testAtTerminal("at a terminal the pool's id is typed, and anything else changes nothing", async () => {
  const rig = await purgeRig();
  const { poolId } = rig.pool;
  const start = () => startAtTerminal(["purge", poolId], rig.folder, rig.settings);
  const asked = `To remove this for good, type the pool's id (${poolId}):`;
  const yes = start();
  await yes.shown(asked);
  yes.press("yes", KEYS.enter);
  expect(await yes.ended).toMatchObject({ code: 2, text: expect.stringContaining("Nothing was changed.") });
  expect(await knows(rig)).toEqual({ source_users: 1 });
  const typed = start();
  await typed.shown(asked);
  typed.press(poolId, KEYS.enter);
  expect((await typed.ended).code).toBe(0);
  expect(await knows(rig)).toEqual({});
});

test("refuses while a run works, or may work", async () => {
  const { rig } = await ownedRig();
  expectRefusal(await confirmed(rig), /still works/);
  const lost = await startRig(1);
  await addMigration(lost, lost.workos.clientId);
  expectRefusal(
    await confirmed(lost),
    new RegExp(`does not (know|tell) .*\`./spillway takeover ${lost.pool.poolId} --region`),
  );
});

test("refuses while people sign in over the bridge", async () => {
  const rig = await purgeRig();
  await change(rig, (ledger) => ledger.change((db) => noteAsked(db, 1, SUB)));
  expectRefusal(await confirmed(rig), /bridge was at work .* an hour after its last sign-in/);
  await change(rig, (ledger) =>
    ledger.write((tx) => tx.updateTable("mails").set({ claimed_at_ms: 1 }).execute()),
  );
  expect(await confirmed(rig)).toMatchObject({ code: 0 });
});

test("what is younger than was asked for stays", async () => {
  const rig = await purgeRig();
  const early = await confirmed(rig, "--older-than", "30");
  expect(early).toMatchObject({ code: 0, stdout: expect.stringMatching(/Nothing is purged: .* 30 days/) });
  expect(await knows(rig)).toEqual({ source_users: 1 });
  expectRefusal(await purge(rig, "--older-than", "a month"), /number of days/);
  const longAgo = Date.now() - 31 * DAY_MS;
  await change(rig, (ledger) =>
    ledger.write(async (tx) => {
      await tx.updateTable("migrations").set({ begun_at_ms: longAgo }).execute();
      await tx.updateTable("placed").set({ written_at_ms: longAgo }).execute();
    }),
  );
  expect(await confirmed(rig, "--older-than", "30")).toMatchObject({ code: 0 });
  expect(await knows(rig)).toEqual({});
});

/** As if the mail that was asked for over the bridge had been noted so long ago. */
const askedBefore = (ledger: Ledger, ms: number) =>
  ledger.write((tx) =>
    tx
      .updateTable("mails")
      .set({ claimed_at_ms: Date.now() - ms })
      .execute(),
  );

const begun = (ledger: Ledger, withIdMap: boolean) =>
  ledger.write(async (tx) => beginPurge(tx, await readMigration(tx, 1), withIdMap));

/** A purge that has begun, and a mail that somebody asked for over the bridge so long ago. */
async function begunBesideBridge(ledger: Ledger, withIdMap: boolean, agoMs: number): Promise<void> {
  await begun(ledger, withIdMap);
  await ledger.change((db) => noteAsked(db, 1, SUB));
  await askedBefore(ledger, agoMs);
}

test("a purge that was begun is told of, and gone on with, whatever happened since", async () => {
  const rig = await purgeRig();
  await change(rig, (ledger) => begunBesideBridge(ledger, true, 60_000));
  expect((await spillway(rig, ["lookup", SUB])).stdout).toContain("was begun and has not ended");
  // With the id map, as it was begun.
  expect(await confirmed(rig, "--older-than", "30")).toMatchObject({ code: 0 });
  expect(await change(rig, (ledger) => tablesHolding(ledger, SUB))).toEqual({});
  const stderr = expect.stringMatching(/who became which account too\. Nothing is known of/);
  expect(await spillway(rig, ["lookup", SUB])).toMatchObject({ code: 1, stdout: "", stderr });
});

test("a purge that another one took over meanwhile removes nothing, and says so", async () => {
  const rig = await purgeRig();
  await change(rig, async (ledger) => {
    await begunBesideBridge(ledger, false, BRIDGE_TAKES_MS - 8_000);
    const words = ["purge", rig.pool.poolId, "--confirm", rig.pool.poolId];
    const frozen = startCli(words, rig.folder, rig.settings);
    await frozen.printed("Waiting for");
    expect(await begun(ledger, false)).not.toBeNull();
    const { code, stderr } = await frozen.ended;
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toBe(
      `Another purge of this migration began or ended meanwhile, so this one stopped. To see what is left: \`./spillway purge ${rig.pool.poolId} --dry-run\` `,
    );
  });
  expect(await knows(rig)).not.toEqual({});
});

test("what the bridge counted of tries since a purge is told, and goes with the next one", async () => {
  const rig = await purgeRig();
  expect(await confirmed(rig)).toMatchObject({ code: 0 });
  await change(rig, async (ledger) => {
    const identity = await ledger.read((db) => identityOf(db, 1));
    for (const parts of [
      ["account", EMAIL],
      ["mails", EMAIL],
    ])
      await ledger.change((db) => takeOne(db, limitKey(identity, parts), DAY_MS));
  });
  expect((await confirmed(rig)).stdout).toContain("2 counts of tries at the bridge");
  expect(
    await change(rig, (ledger) => ledger.read((db) => db.selectFrom("bridge_limits").selectAll().execute())),
  ).toEqual([]);
  expect((await confirmed(rig)).stdout).toContain("nothing left to remove");
});

test("what a redrive or a verification worked with just now is not older than what was asked for", async () => {
  const rig = await purgeRig();
  await change(rig, async (ledger) => {
    await ledger.write((tx) => tx.updateTable("migrations").set({ begun_at_ms: 1 }).execute());
    await ledger.write((tx) => tx.updateTable("placed").set({ written_at_ms: 1 }).execute());
    const migration = await ledger.read((db) => readMigration(db, 1));
    const owner = { namespace: "default", workflowId: "w", firstRunId: "later" };
    await ledger.write((tx) => ownAsItStands(tx, "redrive", owner, migration));
    await ledger.write((tx) => disownMigration(tx, 1, owner.firstRunId));
  });
  expect((await confirmed(rig, "--older-than", "30")).stdout).toMatch(/Nothing is purged: .* 30 days/);
});

test("what the bridge had begun before a purge ends before it, and nothing of it is left", async () => {
  const rig = await purgeRig();
  await change(rig, async (ledger) => {
    await begunBesideBridge(ledger, true, BRIDGE_TAKES_MS - 8_000);
    const migration = await ledger.read((db) => readMigration(db, 1));
    const begunAtMs = await purgeBegunAtMs(ledger);
    const purged = confirmed(rig);
    await until("the purge has begun anew", async () => (await purgeBegunAtMs(ledger)) !== begunAtMs);
    const fact = { how: "created", fingerprint: "email:hash", details: null, firstClaimedAtMs: 1 } as const;
    await ledger.write(async (tx) => {
      await noteAccount(tx, migration, { ...fact, sub: SUB, email: EMAIL, destinationId: "user_01" });
      await noteMoved(tx, 1, SUB);
    });
    expect(await purged).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Waiting for \d seconds?, until what the sign-in bridge had begun/),
    });
    for (const text of [SUB, EMAIL]) expect(await tablesHolding(ledger, text)).toEqual({});
  });
});

async function purgeBegunAtMs(ledger: Ledger): Promise<number | null> {
  const row = await ledger.read((db) =>
    db.selectFrom("migrations").select("purge_begun_at_ms").executeTakeFirstOrThrow(),
  );
  return row.purge_begun_at_ms;
}

test("on PostgreSQL it says what is left to do", async () => {
  const rig = await purgeRig((await freshPostgres()).url);
  const { stdout } = await confirmed(rig);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /`vacuum \(full\) source_users, .*, bridge_limits;` writes the tables anew/,
  );
});
