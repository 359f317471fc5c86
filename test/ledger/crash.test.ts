import { expect, onTestFinished, test } from "vitest";
import { countFailure } from "../../src/ledger/failures.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
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
