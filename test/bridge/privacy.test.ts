import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { call, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

test("passwords, addresses, tokens and secrets stand in no log and in no table, at the level debug", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const weak = await rig.add({ password: "Other-Marked-Password-5" });
  const [client] = rig.cognito.pool.clients;
  const child = spawn(process.execPath, ["src/bridge.ts"], {
    env: {
      ...process.env,
      LOG_LEVEL: "debug",
      SPILLWAY_LEDGER: rig.ledgerUrl,
      SPILLWAY_BRIDGE_SECRETS: SECRET,
      SPILLWAY_BRIDGE_USER_POOL: rig.cognito.pool.poolId,
      SPILLWAY_BRIDGE_CLIENT_ID: client?.id,
      SPILLWAY_BRIDGE_CLIENT_SECRET: client?.secret ?? "",
      SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0",
      WORKOS_API_KEY: rig.workos.key,
      WORKOS_CLIENT_ID: rig.workos.clientId,
      WORKOS_API_URL: rig.workos.url,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(lines, "close");
  const started = new Promise<string>((resolve) => {
    lines.on("line", (line) => {
      log += `${line}\n`;
      const url = /"url":"([^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await started;
  const post = (path: string, body: unknown) => call(url, path, body, { authorization: `Bearer ${SECRET}` });

  const session = await post("/sign-in", { email: emailOf(user), password: PASSWORD });
  expect(session.status).toBe(200);
  await post("/sign-in", { email: emailOf(user), password: "Wrong-Marked-Password-6" });
  rig.workos.faults.add({ match: { operation: "updateUser" }, times: 1, effect: { kind: "reset" } });
  await post("/sign-in", { email: emailOf(weak), password: "Other-Marked-Password-5" });
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: {
      kind: "status",
      status: 400,
      body: { __type: "Odd", message: `${emailOf(weak)} Other-Marked-Password-5` },
    },
  });
  await post("/sign-in", { email: emailOf(weak), password: "Other-Marked-Password-5" });
  await post("/forgot-password", { email: emailOf(weak) });
  child.kill("SIGTERM");
  await ended;

  expect(log).toContain('"outcome":"signed_in"');
  const { rows: tables } = await rig.ledger.read((db) =>
    sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db),
  );
  let written = "";
  for (const { name } of tables) {
    const { rows } = await rig.ledger.read((db) => sql`select * from ${sql.table(name)}`.execute(db));
    written += JSON.stringify(rows);
  }
  const { access_token: token } = session.body.session as { access_token: string };
  const secrets = [
    PASSWORD,
    "Wrong-Marked",
    "Other-Marked",
    SECRET,
    rig.workos.key,
    token,
    client?.secret ?? "",
  ];
  for (const secret of secrets) {
    expect(log).not.toContain(secret);
    expect(written).not.toContain(secret);
  }
  expect(log).not.toContain("@");
});
