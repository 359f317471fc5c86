import { expect, test } from "vitest";
import { News } from "../../src/commands/news.ts";
import { type BlockedCode, blocked } from "../../src/domain/blocked.ts";
import { startFakeRun } from "./fake-run.ts";

/** A run that parks over this, once it has opened its ledger. */
async function parkedRun(code: BlockedCode) {
  const run = await startFakeRun({ plan: async () => blocked(code, { detail: "why" }) });
  const answer = await run.shows("Blocked", code);
  return { run, answer, commands: answer.waitsFor?.steps.map(({ command }) => command) ?? [] };
}

test("what only another file mends is answered by a cancel and a start, and never by resume", async () => {
  const { run, answer, commands } = await parkedRun("resets_undecided");
  const { workflowId } = run.handle;
  const where = "--address 127.0.0.1:7233 --namespace default";
  expect(commands).toEqual([
    "./spillway migrate migration.json --restart",
    `./spillway cancel --workflow-id ${workflowId}`,
    `./temporal workflow start ${where} --task-queue ${workflowId} --type migrateUserPool --workflow-id ${workflowId} --fail-existing --task-timeout 5s --input-file migration.json`,
  ]);
  expect(answer.waitsFor?.command).toBe(commands[0]);
  const details = await run.details();
  expect(details).toMatch(
    /Mend the file\.[\s\S]+?cancel this run:\n\n```\n\.\/spillway cancel [\s\S]+?start one.*:\n\n```\n\.\/temporal workflow start /,
  );
  expect(details).not.toContain("spillway resume");
  const news = new News().of({ kind: "running", answer }, 80) ?? "";
  expect(news).toContain(`cancel this run:\n  ${commands[1]}\n`);
  expect(news).toContain(`:\n  ${commands[2]}`);
  expect(news).not.toMatch(/To go on|resume/);
});

test("what may be accepted is offered after the other file", async () => {
  const { commands } = await parkedRun("people_unknown");
  expect(commands).toHaveLength(4);
  expect(commands[1]).toContain("spillway cancel");
  expect(commands[3]).toMatch(/^\.\/spillway resume --accept people_unknown --workflow-id \S+$/);
});

test("what has to be done before a resume can help is the first command", async () => {
  const first = {
    to: "Where that run is gone, free the migration:",
    words: ["./spillway", "takeover", "a_b"],
  };
  const run = await startFakeRun({ open: async () => ({ ...blocked("ledger_owned"), first }) });
  const answer = await run.shows("Blocked", "ledger_owned");
  expect(answer.waitsFor).toMatchObject({
    command: "./spillway takeover a_b",
    steps: [
      { to: first.to, command: "./spillway takeover a_b" },
      { to: "Then:", command: `./spillway resume --workflow-id ${run.handle.workflowId}` },
    ],
  });
});

test("what is mended outside of the file is answered by resume alone", async () => {
  const { run, answer, commands } = await parkedRun("destination_unreachable");
  expect(commands).toEqual([`./spillway resume --workflow-id ${run.handle.workflowId}`]);
  expect(new News().of({ kind: "running", answer }, 80)).toContain(`To go on:\n  ${commands[0]}`);
  expect(await run.details()).toContain("spillway resume");
});

test("a run that an earlier worker parked is answered by resume", async () => {
  const { ways: _, ...earlier } = blocked("resets_undecided");
  const run = await startFakeRun({ plan: async () => earlier });
  const { waitsFor } = await run.shows("Blocked", "resets_undecided");
  expect(waitsFor?.command).toMatch(/^\.\/spillway resume /);
});
