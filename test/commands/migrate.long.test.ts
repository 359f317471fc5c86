import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { REPORT_FILES } from "../../src/report/file-names.ts";
import { freePort } from "../setup/free-port.ts";
import { runCli, startCli } from "./cli.ts";
import { type Rig, startRig } from "./rig.ts";

test("migrates, and answers every question afterwards", async () => {
  const rig = await startRig();
  const { folder, settings, pool } = rig;
  const cli = (words: readonly string[], input?: string) => runCli(words, folder, settings, input);
  const nameless = pool.users.findLast((user) => user.kind === "plain");
  if (nameless !== undefined) delete nameless.attributes.sub;

  const checked = await cli(["check", rig.file, "--json"]);
  expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, pool: pool.poolId, isLive: false });

  const migrated = await cli(["migrate", rig.file]);
  expect(migrated.stderr).toBe("");
  expect(migrated.stdout).toMatch(/users +\d+ of \d+/);
  expect(migrated.stdout).toMatch(/Done: of 120 users/);
  expect(migrated.code).toBe(0);

  const watched = await cli(["watch", pool.poolId]);
  expect(watched.stdout).toMatch(/Done: of 120 users/);
  expect(watched.code).toBe(0);

  const reported = await cli(["report", "--out", "report", "--json"]);
  const summary = JSON.parse(reported.stdout);
  expect(summary).toMatchObject({
    pool: pool.poolId,
    region: pool.region,
    destination: "workos",
    listed: 120,
  });
  expect(summary.byOutcome).toMatchObject({ imported: rig.workos.users.size, failed: 0, open: 0 });
  expect(JSON.parse(readFileSync(join(folder, "report/summary.json"), "utf8"))).toEqual({
    $schema: "summary.schema.json",
    ...summary,
  });
  const lines = readFileSync(join(folder, "report/users.csv"), "utf8").trimEnd().split("\n");
  expect(lines[0]).toBe("cognito_sub,outcome,reason,destination_id,merged_into,explanation,mode");
  expect(lines).toHaveLength(121);
  expect(statSync(join(folder, "report/users.csv")).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "report")).sort()).toEqual([...REPORT_FILES].sort());
  expect((await cli(["report", "--out", "report"])).code).toBe(0);
  writeFileSync(join(folder, "report/notes.txt"), "mine");
  expect((await cli(["report", "--out", "report"])).stderr).toMatch(/holds something else/);
  expect((await cli(["report", "--out", "report", "--force"])).code).toBe(0);

  const disabled = pool.users.find((user) => user.kind === "disabled");
  const fate = await cli(["lookup", disabled?.sub ?? ""]);
  expect(fate.stdout).toMatch(/outcome +skipped\nreason +disabled\n.*would let them in/);
  const plain = pool.users.find((user) => user.kind === "plain");
  const byAddress = await cli(["lookup", "--email", "--json"], `${plain?.attributes.email}\n`);
  expect(JSON.parse(byAddress.stdout)).toMatchObject([{ sub: plain?.sub, outcome: "imported" }]);
  const key = lines.map((line) => line.split(",")[0] ?? "").find((sub) => sub.startsWith("nosub:")) ?? "";
  const withoutSub = (await cli(["lookup", key])).stdout;
  expect(withoutSub).toContain(`username        ${nameless?.username}\n`);
  expect(withoutSub).toMatch(/reason +no_sub\n.*without a usable sub/);
  expect((await cli(["lookup", "--email"], "nobody@example.com\n")).code).toBe(1);
  expect((await cli(["lookup", "--failures"])).stdout).toBe("No import failed.\n");
  expect((await cli(["lookup", "--failures", "--pool", "eu-west-1_Other"])).stderr).toMatch(/it knows: /);
  expect((await cli(["takeover", pool.poolId])).stdout).toMatch(/No run owns/);
});

test("an interrupted migration goes on with the same command", async () => {
  const rig = await startRig(150, { pace: { writesPerSecond: 25 } });
  const { TEMPORAL_ADDRESS: _, ...settings } = rig.settings;
  // An embedded server's note: it is preferred to whatever listens on the default port.
  const [port, uiPort] = [await freePort(), await freePort()];
  writeFileSync(join(rig.folder, "ledger.temporal.json"), JSON.stringify({ port, uiPort }));
  const first = startCli(["migrate", rig.file], rig.folder, settings);
  await first.printed("users  ");
  first.child.kill("SIGINT");
  const stopped = await first.ended;
  expect(stopped.stdout).toContain(`127.0.0.1:${port}`);
  expect(stopped.stdout).toMatch(/a server of its own[\s\S]*the same command goes on/);
  expect(stopped.code).toBe(130);
  const asked = await runCli(["watch", rig.pool.poolId], rig.folder, settings);
  expect(asked.code).toBe(2);
  expect(asked.stderr).toMatch(
    /server of this ledger's runs is stopped: the command that began the run brings it, .*`\.\/spillway migrate FILE`/,
  );

  const second = await runCli(["migrate", rig.file], rig.folder, settings);
  expect(second.stdout).toMatch(/under way already[\s\S]*Done: of 150 users/);
  expect(second.code).toBe(0);
});

test("a second command says whose server it uses, and ends when that server does", async () => {
  const rig = await startRig(150, { pace: { writesPerSecond: 5 } });
  const { TEMPORAL_ADDRESS: _, ...settings } = rig.settings;
  const [port, uiPort] = [await freePort(), await freePort()];
  writeFileSync(join(rig.folder, "ledger.temporal.json"), JSON.stringify({ port, uiPort }));
  const first = startCli(["migrate", rig.file], rig.folder, settings);
  await first.printed("users  ");
  const second = startCli(["migrate", rig.file], rig.folder, settings);
  await second.printed("under way already");
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
  const { stdout, code } = await second.ended;
  expect(stdout).toMatch(
    /the server of another `\.\/spillway migrate`, at 127\.0\.0\.1:\d+ while that one runs/,
  );
  expect(stdout).toMatch(
    /has ended, and the Temporal server that it\s+brought[\s\S]*the same command goes on/,
  );
  expect(code).toBe(130);
});

test("without a named queue it works on one of its ledger's own", async () => {
  const rig = await startRig(20);
  const { SPILLWAY_TASK_QUEUE: _, ...settings } = rig.settings;
  const { stdout, code } = await runCli(["migrate", rig.file], rig.folder, settings);
  expect(code).toBe(0);
  const ledger = await openLedger(`sqlite:${join(rig.folder, "ledger.db")}`);
  const queue = `spillway-${ledger.id.slice(0, 8)}`;
  await ledger.close();
  expect(stdout).toContain(`Queue    ${queue}\n`);
  expect((await describeRun(rig)).taskQueue).toBe(queue);
});

test("a run that was started by hand is worked on its own queue", async () => {
  const rig = await startRig(20);
  const { client, close } = await connect();
  await client.workflow.start("migrateUserPool", {
    workflowId: `migrate-${rig.pool.poolId}`,
    taskQueue: `by-hand-${rig.pool.poolId}`,
    args: [JSON.parse(readFileSync(rig.file, "utf8"))],
  });
  await close();
  const { stdout, code } = await runCli(["migrate", rig.file], rig.folder, rig.settings);
  expect(stdout).toMatch(/Queue {4}by-hand-[\s\S]*under way already[\s\S]*Done: of 20 users/);
  expect(code).toBe(0);
});

async function connect() {
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  return { client: new Client({ connection }), close: () => connection.close() };
}

async function describeRun(rig: Rig) {
  const { client, close } = await connect();
  try {
    return await client.workflow.getHandle(`migrate-${rig.pool.poolId}`).describe();
  } finally {
    await close();
  }
}
