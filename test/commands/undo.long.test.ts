import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { runCli } from "./cli.ts";
import { ownedRig } from "./owned-rig.ts";
import { type Rig, startRig } from "./rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";

/** What an undo tells and asks, at the command line. */

const cli = ({ folder, settings }: Rig, ...words: string[]) => runCli(words, folder, settings);

test("an undo tells what it takes back, takes the pool's id for a yes, and says what became of it", {
  timeout: 120_000,
}, async () => {
  const rig = await startRig(60);
  const { poolId } = rig.pool;
  await cli(rig, "migrate", rig.file);
  const made = rig.workos.users.size;
  expect(made).toBeGreaterThan(0);

  const planned = await cli(rig, "undo", poolId, "--dry-run");
  expect(planned).toMatchObject({ code: 0, stderr: "" });
  expect(planned.stdout).toContain(`- people: ${made} to remove`);
  expect(planned.stdout).toContain("Whoever signed in since stays");
  const { of } = JSON.parse((await cli(rig, "undo", poolId, "--dry-run", "--json")).stdout);
  expect(of.user).toEqual({ remove: made, restore: 0, left: {} });

  const unasked = await cli(rig, "undo", poolId);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toBe(
    `There is no terminal to ask at. To take all of this back: \`./spillway undo ${poolId} --confirm ${poolId}\`\n`,
  );
  const removing = await cli(rig, "undo", poolId, "--signed-in", "remove");
  expect(removing.stderr).toContain(`./spillway undo ${poolId} --signed-in remove --confirm ${poolId}`);
  const mistyped = await cli(rig, "undo", poolId, "--confirm", "eu-west-1_Other");
  expect(mistyped).toMatchObject({ code: 2, stderr: `That is not "${poolId}". Nothing was changed.\n` });
  expect(rig.workos.users.size).toBe(made);

  const undone = await cli(rig, "undo", poolId, "--confirm", poolId);
  expect(undone).toMatchObject({ code: 0, stderr: "" });
  expect(undone.stdout).toContain(`- people: ${made} removed`);
  expect(rig.workos.users.size).toBe(0);

  const report = await cli(rig, "report", "--out", join(rig.folder, "report"));
  expect(report.stdout).toContain(`This migration was undone:\n- people: ${made} removed`);
  const written = (name: string) => readFileSync(join(rig.folder, "report", name), "utf8");
  expect(written("report.html")).toContain('<span class="result undone">undone</span>');
  expect(written("undo.csv").trim().split("\n")).toHaveLength(made + 1);
  const ajv = new Ajv2020();
  addFormats.default(ajv);
  const holds = ajv.compile(JSON.parse(written("summary.schema.json")));
  const summary = JSON.parse(written("summary.json"));
  expect(holds(summary), JSON.stringify(holds.errors)).toBe(true);
  expect(summary).toMatchObject({
    mode: "undo",
    result: "undone",
    byKind: { user: { removed: made, open: 0 } },
  });

  const again = await cli(rig, "undo", poolId, "--confirm", poolId);
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("there is nothing to undo");
});

testAtTerminal("an undo takes back nothing that came after it was shown", async () => {
  const rig = await startRig(20, { only: { limit: 3 } });
  const { poolId } = rig.pool;
  await cli(rig, "migrate", rig.file);
  const shown = rig.workos.users.size;
  const undo = startAtTerminal(["undo", poolId], rig.folder, rig.settings);
  await undo.shown(`people: ${shown} to remove`);
  const { only: _, ...everyone } = JSON.parse(readFileSync(rig.file, "utf8"));
  writeFileSync(rig.file, JSON.stringify(everyone));
  await cli(rig, "migrate", rig.file);
  const made = rig.workos.users.size;
  expect(made).toBeGreaterThan(shown);
  undo.press(poolId, KEYS.enter);
  const { code, text } = await undo.ended;
  expect(text.replaceAll(/\s+/g, " ")).toContain(
    `A run of this migration began after you saw what would be undone, so nothing was undone. Look again: \`./spillway undo ${poolId}\``,
  );
  expect(code).toBe(2);
  expect(rig.workos.users.size).toBe(made);
  expect(await cli(rig, "undo", poolId, "--confirm", poolId)).toMatchObject({ code: 0 });
  expect(rig.workos.users.size).toBe(0);
});

test("an undo that is under way and began with another --signed-in is not gone on with", {
  timeout: 120_000,
}, async () => {
  const rig = await startRig(5);
  const { poolId } = rig.pool;
  await cli(rig, "migrate", rig.file);
  const made = rig.workos.users.size;
  for (const account of rig.workos.users.values()) account.last_sign_in_at = new Date().toISOString();
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  onTestFinished(() => connection.close());
  const begun = { userPoolId: poolId, destination: { kind: "workos" }, confirm: poolId };
  await new Client({ connection }).workflow.start("undoMigration", {
    taskQueue: poolId,
    workflowId: workflowIdOf(poolId),
    args: [{ ...begun, signedInSince: "remove" }],
  });

  const keeping = await cli(rig, "undo", poolId, "--confirm", poolId);
  expect(keeping.code).toBe(2);
  expect(keeping.stderr).toContain(
    `began with --signed-in remove, and it goes on with what it began with: \`./spillway undo ${poolId} --signed-in remove\` works it.`,
  );
  expect(keeping.stderr).toContain(`\`./spillway cancel ${poolId}\``);
  expect(rig.workos.users.size).toBe(made);
  const removing = await cli(rig, "undo", poolId, "--signed-in", "remove", "--confirm", poolId);
  expect(removing).toMatchObject({ code: 0, stderr: "" });
  expect(rig.workos.users.size).toBe(0);
});

test("nothing is undone beside a run, with another environment's settings, or with a word too many", async () => {
  const { rig } = await ownedRig();
  const { poolId } = rig.pool;
  const wrong = await cli(rig, "undo", poolId, "--signed-in", "maybe");
  expect(wrong).toMatchObject({ code: 2, stderr: '--signed-in is "keep" or "remove", not "maybe".\n' });
  const elsewhere = { ...rig, settings: { ...rig.settings, WORKOS_CLIENT_ID: "client_elsewhere" } };
  expect((await cli(elsewhere, "undo", poolId)).stderr).toMatch(/this migration went to/);
  expect((await cli(rig, "undo", poolId, "--json")).stderr).toMatch(/give it with --dry-run/);
});
