import { readFileSync, writeFileSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { runCli } from "./cli.ts";
import { startRig } from "./rig.ts";

/** What the Temporal UI shows of each kind of run from its start on. */

test("each run tells the Temporal UI at its start which pool, which environment, and what the file does", async () => {
  const rig = await startRig(20, {
    organizations: { from: "attribute", attribute: "custom:tenant" },
    only: { limit: 5 },
    users: { decisions: { "11111111-2222-4333-8444-555555555555": "skip" } },
    passwordResets: { send: true, unverified: "skip", acceptMfaLoss: true, canary: 2 },
  });
  const { poolId } = rig.pool;
  const pool = poolId.replace("_", "\\_");
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  onTestFinished(() => connection.close());
  const handle = new Client({ connection }).workflow.getHandle(`migrate-${poolId}`);
  const told = async (words: readonly string[]) => {
    const { stderr } = await runCli(words, rig.folder, rig.settings);
    expect(stderr).toBe("");
    const { staticSummary, staticDetails } = await handle.describe();
    return { summary: await staticSummary(), details: await staticDetails() };
  };
  const help = `Where no current details stand beside this, no worker answers. What to do:\n\n\`\`\`\n./spillway watch ${poolId}\n\`\`\``;
  const where = `${help}\n\n- User pool: ${pool}\n- Destination: WorkOS, environment ${rig.workos.clientId.replaceAll("_", "\\_")}`;
  const { details, ...plan } = await told(["plan", rig.file]);
  expect(plan.summary).toBe(`Dry run, writes nothing: Migrates ${pool} to WorkOS`);
  expect(details).toBe(
    [
      where,
      "- People: the first 5, with 1 decision",
      "- Organizations: one for each value of custom:tenant",
      "- Roles: none",
      "- Providers and app clients with an answer: 0",
      "- Reset mails: none",
      "- Pace: 500 writes/s, 100 Cognito pages/s",
    ].join("\n"),
  );
  const { source, destination } = JSON.parse(readFileSync(rig.file, "utf8"));
  writeFileSync(rig.file, JSON.stringify({ source, destination }));
  expect((await told(["migrate", rig.file])).summary).toBe(`Migrates ${pool} to WorkOS`);
  expect(await told(["verify", poolId])).toEqual({
    summary: `Compares what the migration of ${pool} wrote with what WorkOS holds`,
    details: where,
  });
  expect((await told(["undo", poolId, "--confirm", poolId])).summary).toBe(
    `Takes the migration of ${pool} back from WorkOS`,
  );
});
