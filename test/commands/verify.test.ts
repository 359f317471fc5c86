import { expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { ownedRig } from "./owned-rig.ts";
import { type Rig, startRig } from "./rig.ts";

/** What stands is compared by itself: what the command says, and its exit code. */

const cli = ({ folder, settings }: Rig, ...words: string[]) => runCli(words, folder, settings);

test("a verification says in one word what it found", async () => {
  const rig = await startRig(40);
  const { poolId } = rig.pool;
  await cli(rig, "migrate", rig.file);
  const clean = await cli(rig, "verify", poolId);
  expect(clean).toMatchObject({ code: 0, stderr: "" });
  expect(clean.stdout).toContain("Verified: the destination holds what was written.");
  const [renamed] = [...rig.workos.users.values()];
  Object.assign(renamed ?? {}, { first_name: "Somebody else" });
  const differs = await cli(rig, "verify", poolId);
  expect(differs.code).toBe(1);
  expect(differs.stdout).toContain("Differs: 1 difference at the destination.");
  // How everyone ended is as the run before left it.
  const report = await cli(rig, "report", "--out", `${rig.folder}/report`, "--json");
  expect(JSON.parse(report.stdout)).toMatchObject({ result: "differs" });
});

test("nothing is verified without a ledger, or with another environment's settings", async () => {
  const { rig } = await ownedRig();
  const { poolId } = rig.pool;
  const elsewhere = { ...rig, settings: { ...rig.settings, WORKOS_CLIENT_ID: "client_elsewhere" } };
  const wrong = await cli(elsewhere, "verify", poolId);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/this migration went to/);
  const nowhere = { ...rig, settings: { ...rig.settings, SPILLWAY_LEDGER: `sqlite:${rig.folder}/none.db` } };
  expect((await cli(nowhere, "verify", poolId)).stderr).toMatch(/There is no ledger at/);
});
