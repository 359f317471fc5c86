import { expect, test } from "vitest";
import { signatureOf } from "../../src/bridge/caller.ts";
import { Secret } from "../../src/domain/secret.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { startTcpGate } from "../setup/tcp-gate.ts";
import { call, SECRET, startBridge } from "./rig.ts";

/** A signed call is good once: for whichever bridge of a ledger it comes to, and whenever that began. */

const BODY = JSON.stringify({ email: "ada@example.com", password: "Not-The-One-9" });
const TAKEN = { status: 401, body: { outcome: "wrong" } };
const REFUSED = { status: 401, body: { error: "unauthorized_caller" } };

function signed(atMs = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = signatureOf(new Secret(SECRET), `${timestamp}.POST /sign-in.${BODY}`);
  return { "x-spillway-timestamp": timestamp, "x-spillway-signature": signature };
}

testOnBoth("a signed call is refused after a restart, and by another bridge", async ({ url }) => {
  const rig = await startBridge({ ledgerUrl: url });
  const headers = signed();
  expect(await call(rig.url, "/sign-in", BODY, headers)).toMatchObject(TAKEN);
  const other = await rig.another();
  expect(await call(other.serving.url, "/sign-in", BODY, headers)).toMatchObject(REFUSED);
  await rig.serving.close();
  const again = await rig.another();
  expect(await call(again.serving.url, "/sign-in", BODY, headers)).toMatchObject(REFUSED);
  // One that is as old is good, where nobody used it.
  expect(await call(again.serving.url, "/sign-in", BODY, signed(Date.now() - 100_000))).toMatchObject(TAKEN);
});

testOnBoth("of many bridges that get one signed call at once, one takes it", async ({ url }) => {
  const rig = await startBridge({ ledgerUrl: url });
  const bridges = [rig.url, (await rig.another()).serving.url, (await rig.another()).serving.url];
  const headers = signed();
  const answers = await Promise.all(
    [...bridges, ...bridges].map((bridge) => call(bridge, "/sign-in", BODY, headers)),
  );
  expect(answers.filter(({ body }) => body.outcome === "wrong")).toHaveLength(1);
  expect(answers.filter(({ body }) => body.error === "unauthorized_caller")).toHaveLength(5);
});

test.each(["shut", "silence"] as const)(
  "where PostgreSQL does not answer (%s) nobody can tell whether a signature was used: an outage",
  async (how) => {
    const gate = await startTcpGate(await freshPostgresDatabase());
    const rig = await startBridge({ ledgerUrl: gate.url });
    const [used, fresh] = [signed(), signed(Date.now() - 60_000)];
    expect(await call(rig.url, "/sign-in", BODY, used)).toMatchObject(TAKEN);
    const before = rig.calls().workos.length;
    gate[how]();
    for (const headers of [used, fresh])
      expect(await call(rig.url, "/sign-in", BODY, headers)).toMatchObject({
        status: 503,
        body: { outcome: "outage", show: "later" },
      });
    expect(
      rig
        .calls()
        .workos.slice(before)
        .filter((entry) => entry.startsWith("authenticate")),
    ).toEqual([]);
    // Whoever signs wrongly is told so without a question.
    expect(await call(rig.url, "/sign-in", BODY, { ...fresh, "x-spillway-signature": "v1=0" })).toMatchObject(
      REFUSED,
    );
    gate.release();
    gate.open();
    await expect
      .poll(() => call(rig.url, "/sign-in", BODY, used), { timeout: 60_000 })
      .toMatchObject(REFUSED);
  },
);
