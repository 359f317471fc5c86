import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { LedgerError, type LedgerProblem } from "../../src/ledger/errors.ts";
import { countFailure } from "../../src/ledger/failures.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { probeLedger } from "../../src/ledger/probe.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { withoutPermission } from "../setup/without-permission.ts";
import { freshPostgres, freshSqlite, seedItems, testOnBoth } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 1 };
const ITEM = { kind: "user", key: "a", intent: "create", doubtSinceMs: null } as const;
const ONE_SENTENCE = /^The ledger[^\n]*\.$/;

/** The problem that opening or using a ledger ends with. */
async function problemOf(attempt: Promise<unknown>): Promise<LedgerProblem> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LedgerError)) throw new Error("It is no LedgerError.", { cause: error });
  expect(error.message).toMatch(ONE_SENTENCE);
  return error.problem;
}

testOnBoth("opening twice changes nothing and keeps the id", async ({ open }) => {
  const first = await open();
  await seedItems(first, 2);
  const second = await open();
  expect(second.id).toBe(first.id);
  expect((await second.read((db) => phaseCounts(db, RUN, "users"))).pending).toBe(2);
});

testOnBoth("a ledger of a newer version is refused", async ({ url, open }) => {
  const ledger = await open();
  await ledger.write((tx) =>
    sql`insert into spillway_migration (name, timestamp) values ('999-later', '')`.execute(tx),
  );
  expect(await problemOf(openLedger(url))).toBe("ledger_newer");
});

testOnBoth("a change that fails leaves nothing behind", async ({ open }) => {
  const ledger = await open();
  const change = ledger.write(async (tx) => {
    await addItems(tx, RUN, "users", 0, [ITEM]);
    throw new Error("Something else went wrong.");
  });
  await expect(change).rejects.toThrow("Something else went wrong.");
  expect((await ledger.read((db) => phaseCounts(db, RUN, "users"))).pending).toBe(0);
});

test("a SQLite file is for its owner's eyes only", async () => {
  const { url, open } = freshSqlite();
  await open();
  const path = url.replace("sqlite:", "");
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
});

const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`];
const modesOf = (path: string) => filesOf(path).map((file) => statSync(file).mode & 0o777);

test("a SQLite ledger that others could read is closed to them: file, log and index", async () => {
  const { url, open } = freshSqlite();
  const path = url.replace("sqlite:", "");
  // Its log and index stay there as long as somebody has it open.
  await open();
  for (const file of filesOf(path)) chmodSync(file, 0o644);
  await open();
  expect(modesOf(path)).toEqual([0o600, 0o600, 0o600]);
});

test("a SQLite ledger that was restored from an open back-up is closed before anything is written", async () => {
  const path = join(freshFolder(), "ledger.db");
  writeFileSync(path, "", { mode: 0o644 });
  const ledger = await openLedger(`sqlite:${path}`);
  expect(modesOf(path)).toEqual([0o600, 0o600, 0o600]);
  await ledger.close();
});

test("a SQLite ledger behind a link is closed where it lies: file, log and index", async () => {
  const { url, open } = freshSqlite();
  const path = url.replace("sqlite:", "");
  await open();
  for (const file of filesOf(path)) chmodSync(file, 0o644);
  const link = join(freshFolder(), "ledger.db");
  symlinkSync(path, link);
  const ledger = await openLedger(`sqlite:${link}`);
  expect(modesOf(path)).toEqual([0o600, 0o600, 0o600]);
  await ledger.close();
});

test("a SQLite file whose name looks like a URI is that file, and for its owner's eyes only", async () => {
  const folder = freshFolder();
  const home = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(home));
  const ledger = await openLedger("sqlite:file:ledger.db");
  expect(readdirSync(folder).filter((name) => name.startsWith("ledger.db"))).toEqual([]);
  expect(modesOf("file:ledger.db")).toEqual([0o600, 0o600, 0o600]);
  expect(await probeLedger("sqlite:file:ledger.db")).toMatchObject({ ok: true });
  await ledger.close();
});

const SOMEBODY = 4_321;

// Nobody else can be another user for a moment.
test.runIf(process.getuid?.() === 0).each(["", "-wal"])(
  "a SQLite ledger of another user, whose file%s is open to others, is refused",
  async (suffix) => {
    const { url, open } = freshSqlite();
    const path = url.replace("sqlite:", "");
    await open();
    chmodSync(dirname(path), 0o777);
    for (const file of filesOf(path)) chownSync(file, SOMEBODY, SOMEBODY);
    chmodSync(`${path}${suffix}`, 0o666);
    chownSync(`${path}${suffix}`, 0, 0);
    process.seteuid?.(SOMEBODY);
    onTestFinished(() => void process.seteuid?.(0));
    expect(await problemOf(openLedger(url))).toBe("ledger_exposed");
    expect(await probeLedger(url)).toEqual({ ok: false, sentence: expect.stringContaining("mode 0600") });
  },
);

test("a path that cannot be written is refused, with why, and so is one that is only looked at", async () => {
  const folder = freshFolder();
  mkdirSync(join(folder, "a-folder"));
  writeFileSync(join(folder, "a-file"), "");
  execFileSync("mkfifo", [join(folder, "a-pipe")]);
  await expectUnwritable(`${folder}/missing/ledger.db`, "a folder on its path does not");
  await expectUnwritable(`${folder}/a-folder`, "it is a folder");
  await expectUnwritable(`${folder}/a-file/ledger.db`, "something on its path is no folder");
  await expectUnwritable(`${folder}/a-pipe`, "it is no file");
  for (const name of ["a-folder", "a-pipe"]) expect(statSync(join(folder, name)).mode & 0o044).not.toBe(0);
  const noPermission = "this user has no permission for it, or for a folder on its path";
  chmodSync(folder, 0o777);
  await withoutPermission(join(folder, "a-file"), () =>
    expectUnwritable(join(folder, "a-file"), noPermission),
  );
  await withoutPermission(folder, () => expectUnwritable(join(folder, "a-file"), noPermission));
});

async function expectUnwritable(path: string, why: string): Promise<void> {
  const sentence = expect.stringMatching(
    new RegExp(`^The ledger cannot be written: .*${why}; check SPILLWAY_LEDGER\\.$`),
  );
  const url = `sqlite:${path}`;
  await expect(openLedger(url)).rejects.toMatchObject({ problem: "ledger_not_writable", message: sentence });
  expect(await probeLedger(url)).toEqual({ ok: false, sentence });
}

test("a file that is no database is refused", async () => {
  const path = join(freshFolder(), "notes.txt");
  writeFileSync(path, "These are notes, and no database at all. ".repeat(200));
  expect(await problemOf(openLedger(`sqlite:${path}`))).toBe("ledger_broken");
});

test("a PostgreSQL that does not answer is named", async () => {
  const url = `postgres://someone:secret@127.0.0.1:${await freePort()}/ledger`;
  expect(await problemOf(openLedger(url))).toBe("ledger_unreachable");
});

test.each(["postgres://spillway:with/slash@localhost/db", "postgres://spillway:secret@localhost:99999/db"])(
  "a PostgreSQL address that is none, %s, is a sentence",
  async (url) => {
    expect(await problemOf(openLedger(url))).toBe("ledger_unreachable");
    expect(await probeLedger(url)).toEqual({ ok: false, sentence: expect.stringMatching(ONE_SENTENCE) });
  },
);

test("a wrong PostgreSQL password or database is refused", async () => {
  const { url } = await freshPostgres();
  const wrongPassword = new URL(url);
  wrongPassword.password = "wrong";
  expect(await problemOf(openLedger(wrongPassword.href))).toBe("ledger_unreachable");
  const wrongDatabase = new URL(url);
  wrongDatabase.pathname = "/nowhere";
  expect(await problemOf(openLedger(wrongDatabase.href))).toBe("ledger_unreachable");
});

test("a full SQLite ledger says so, nothing half written", async () => {
  const ledger = await freshSqlite().open();
  const before = await ledger.read((db) => sql<{ page_count: number }>`pragma page_count`.execute(db));
  const pages = (before.rows[0]?.page_count ?? 0) + 20;
  await ledger.read((db) => sql.raw(`pragma max_page_count = ${pages}`).execute(db));
  const items = Array.from({ length: 1_000 }, (_, index) => ({ ...ITEM, key: `sub-${index}` }));
  const change = ledger.write(async (tx) => {
    await addItems(tx, RUN, "users", 0, [ITEM]);
    await addItems(tx, RUN, "users", 1, items);
  });
  expect(await problemOf(change)).toBe("ledger_full");
  expect((await ledger.read((db) => phaseCounts(db, RUN, "users"))).pending).toBe(0);
  await ledger.read((db) => sql.raw(`pragma max_page_count = ${pages * 100}`).execute(db));
  await ledger.write((tx) => addItems(tx, RUN, "users", 0, items));
  expect((await ledger.read((db) => phaseCounts(db, RUN, "users"))).pending).toBe(1_000);
});

test("a locked SQLite ledger is waited for", async () => {
  const { url, open } = freshSqlite();
  const ledger = await open();
  const other = new DatabaseSync(url.replace("sqlite:", ""));
  other.exec("begin immediate");
  let released = false;
  const failure = { migrationId: 1, activity: "plan", signature: "s", detail: "d" };
  const counted = ledger
    .write((tx) => countFailure(tx, failure))
    .then((failures) => ({ failures, released }));
  const opened = openLedger(url);
  // Longer than SQLite itself would wait, and long enough for several tries.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  released = true;
  other.exec("commit");
  other.close();
  expect(await counted).toEqual({ failures: 1, released: true });
  await (await opened).close();
});

test("a lost PostgreSQL connection is a sentence, then replaced", async () => {
  const { open } = await freshPostgres();
  const [ledger, admin] = [await open(), await open()];
  const cut = ledger.write(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    await admin.read((db) => sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db));
    await addItems(tx, RUN, "users", 0, [ITEM]);
  });
  expect(await problemOf(cut)).toBe("ledger_unreachable");
  expect((await ledger.read((db) => phaseCounts(db, RUN, "users"))).pending).toBe(0);
});
