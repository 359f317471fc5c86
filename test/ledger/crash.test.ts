import { expect, onTestFinished, test } from "vitest";
import { type BatchPulse, ledgerQueue } from "../../src/engine/batch/queue.ts";
import { countFailure } from "../../src/ledger/failures.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { campaignMails } from "../../src/ledger/mails.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { startPostgres } from "../setup/postgres-server.ts";

/** A server that takes nothing to the disk by itself for ten seconds. */
const LAZY = ["-c", "wal_writer_delay=10000ms"];

function soon(ledger: Ledger, signature: string): Promise<number> {
  const failure = { migrationId: 1, activity: "plan", signature, detail: "d" };
  return ledger.writeSoon((tx) => countFailure(tx, failure));
}

async function kept(ledger: Ledger): Promise<string[]> {
  const rows = await ledger.read((db) =>
    db.selectFrom("activity_failures").select("signature").orderBy("signature").execute(),
  );
  return rows.map(({ signature }) => signature);
}

test("a session that may have lost its last writes begins anew", async () => {
  const server = await startPostgres(LAZY);
  onTestFinished(() => server.stop());
  const ledger = await openLedger(server.url);
  onTestFinished(() => ledger.close());
  const [session, other] = [ledger.session(), ledger.session()];
  await soon(session, "kept");
  await session.sync();
  await soon(session, "lost");
  await server.killBackend();
  for (const old of [session, other]) {
    await expect(soon(old, "after")).rejects.toMatchObject({ problem: "ledger_unreachable" });
    await expect(kept(old)).rejects.toMatchObject({ problem: "ledger_unreachable" });
    await expect(old.sync()).rejects.toMatchObject({ problem: "ledger_unreachable" });
  }
  const next = ledger.session();
  expect(await kept(next)).toEqual(["kept"]);
  await soon(next, "after");
  await next.sync();
  // All is on disk: nothing of this session is lost.
  await server.killBackend();
  expect(await kept(next)).toEqual(["after", "kept"]);
});

const RUN = { migrationId: 1, generation: 1 };
const PULSE: BatchPulse = {
  fence: 1,
  signal: new AbortController().signal,
  show: () => undefined,
  throwIfCancelled: () => undefined,
  during: (_, work) => work({ pause: () => undefined, resume: () => undefined, restart: () => undefined }),
};

test("a campaign's claim is on disk before its mail, and its outcome before the next one", async () => {
  const server = await startPostgres(LAZY);
  onTestFinished(() => server.stop());
  const ledger = await openLedger(server.url);
  onTestFinished(() => ledger.close());
  const subs = ["sub-a", "sub-b"];
  const items = subs.map((key) => ({ kind: "user", key, intent: "mail", doubtSinceMs: null }) as const);
  await ledger.write((tx) => addItems(tx, RUN, "resets", 0, items));
  // The next change that comes soon is not the first one of its second.
  await soon(ledger, "before");
  const queue = ledgerQueue(ledger, { ...RUN, phase: "resets", from: 1, to: 2 }, PULSE);
  const statesOf = async () => {
    const mails = await ledger.read((db) => campaignMails(db, RUN.migrationId, subs));
    return subs.map((sub) => mails.get(sub)?.state);
  };

  const [first] = await queue.claim(1, true);
  await server.killBackend();
  expect(await statesOf()).toEqual(["claimed", undefined]);
  if (first === undefined) throw new Error("Nothing was claimed.");
  await soon(ledger, "between");
  const mailed = { state: "done", inDoubt: false, code: null, message: null, fact: null } as const;
  await queue.settle([{ item: first, ...mailed }], true);
  await server.killBackend();
  expect(await statesOf()).toEqual(["mailed", undefined]);
});
