import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { startCli } from "../commands/cli.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { progressOf, type Run, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

const LONG_TEST_MS = 240_000;
const SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";
const RESETS: NonNullable<MigrationFile["passwordResets"]> = {
  ...({ send: true, perSecond: 500, unverified: "skip", acceptMfaLoss: true } as const),
};

function waiting(run: Run, code: string) {
  return until(`the run waits: ${code}`, async () => {
    const answer = await progressOf(run);
    if (answer.state === "Blocked" && answer.waitsFor?.code !== code)
      throw new Error(`It waits for something else: ${answer.waitsFor?.sentence}`);
    return answer.waitsFor?.code === code ? answer : null;
  });
}

async function detailsOf(run: Run): Promise<string> {
  const metadata = await run.query<{ currentDetails: string }, []>("__temporal_workflow_metadata");
  return metadata.currentDetails;
}

/** What is printed of the first ones, by people who watch and by the report. */
async function printed(stage: Stage): Promise<{ watch: string; report: string; json: string }> {
  const watching = startCli(["watch", stage.pool.poolId], stage.folder, stage.environment);
  await watching.printed("The first ones:");
  watching.child.kill("SIGINT");
  const { stdout: watch } = await watching.ended;
  const folder = join(stage.folder, "report");
  const report = await startCli(["report", "--out", folder], stage.folder, stage.environment).ended;
  const again = ["report", "--out", folder, "--force", "--json"];
  const json = await startCli(again, stage.folder, stage.environment).ended;
  return { watch, report: report.stdout, json: json.stdout };
}

/** Whose mail the fault meets, nobody knows. */
const EITHER = {
  outcome: expect.stringMatching(/^(mailed|unsettled)$/),
  reason: expect.toBeOneOf([null, "unsettled"]),
};

test("the first ones are told by sub, with what became of each mail", { timeout: LONG_TEST_MS }, async () => {
  const webhook = await startWebhookDouble(SECRET);
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users: 8, poolId: freshPoolId("first") });
  const stage = await setStage({ pool });
  await stage.work({ SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: SECRET });
  await (await stage.start()).result();
  const [one, other, gone, off] = pool.users;
  if (!one || !other || !gone || !off) throw new Error("The pool is too small.");
  const account = [...stage.workos.users.values()].find((user) => user.external_id === gone.sub);
  if (account === undefined) throw new Error("Nobody was imported.");
  stage.workos.stores.users.remove(account);
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1 }).where("key", "=", gone.sub).execute(),
    ),
  );
  off.enabled = false;
  const canary = [one.sub, other.sub, gone.sub, off.sub];
  stage.file.passwordResets = { ...RESETS, canary, delivery: "own" };

  // Whoever is disabled gets no mail: told before anything else.
  let run = await stage.start();
  const blocked = await waiting(run, "assess_blockers");
  expect(blocked.waitsFor?.sentence).toContain(
    `"passwordResets.canary" names somebody who gets no reset mail: "${off.sub}" (disabled).`,
  );
  await run.cancel();
  await expect(run.result()).rejects.toThrow();

  stage.file.passwordResets.canary = canary.slice(0, 3);
  // After the check.
  webhook.faults.add({
    match: { after: 1 },
    times: 1,
    effect: { kind: "status_after_effect", status: 500 },
  });
  run = await stage.start();
  const { waitsFor, firstMails } = await waiting(run, "approval_resets");
  expect(waitsFor?.sentence).toMatch(
    /^Of the first 3 people 1 was mailed, 1 was refused and 1 may or may not have been mailed\. An approval mails 4 people, the last of them about .* UTC \(500 mails\/s\) if it is given at .* UTC\. The mails are your own: .*; then approve the others:$/,
  );
  expect(firstMails).toEqual([
    { ...EITHER, sub: one.sub },
    { ...EITHER, sub: other.sub },
    { sub: gone.sub, outcome: "failed", reason: "user_missing" },
  ]);
  const told = (await detailsOf(run)).replaceAll("\\", "");
  const { watch, report, json } = await printed(stage);
  expect(told).toContain(`The first ones:\n\n- ${one.sub}: `);
  for (const text of [watch, report]) expect(text).toContain(`${gone.sub}  failed: user_missing`);
  expect(told).toContain(`- ${gone.sub}: failed: user_missing`);
  expect(JSON.parse(json)).toMatchObject({ firstMails });
  for (const text of [told, watch, report, json, JSON.stringify(firstMails)]) expect(text).not.toContain("@");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await run.result();
  expect((await progressOf(run)).firstMails).toEqual([]);
});
