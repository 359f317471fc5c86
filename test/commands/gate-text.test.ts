import { expect, test } from "vitest";
import { gateText } from "../../src/commands/gate-text.ts";
import { News } from "../../src/commands/news.ts";
import type { Standing } from "../../src/commands/run-feed.ts";
import type { MissingProvider } from "../../src/domain/contract.ts";
import type { ProgressAnswer } from "../../src/workflows/messages.ts";
import { columnsOf, wrapped } from "../../src/wrap.ts";

const COLUMNS = 80;
const NO_WORKER = {
  kind: "no_worker",
  workflowId: "migrate-eu-west-1_a",
  type: "migrateUserPool",
  taskQueue: "spillway-82fa5d24",
} as const;
const COMMAND = `./spillway skip --reason why ${"x".repeat(COLUMNS)}`;
const ADVICE = `${"Do one thing after the other. ".repeat(6)}Then run \`./spillway credentials portal Acme\`.`;

function missing(name: string, fault: string | null = "not_configured"): MissingProvider {
  return { name, fault, advice: ADVICE };
}

function answered(changes: Partial<ProgressAnswer> = {}): Exclude<Standing, { kind: "done" | "failed" }> {
  const answer: ProgressAnswer = {
    state: "Running",
    phase: "credentials",
    waitsFor: null,
    missingProviders: [],
    firstMails: [],
    phases: [],
    pace: null,
    secondsLeft: null,
    ...changes,
  };
  return { kind: "running", answer };
}

function atGate(...missingProviders: MissingProvider[]) {
  const waitsFor = {
    code: "providers",
    sentence: "The run waits.",
    command: COMMAND,
    steps: [{ to: null, command: COMMAND }],
  };
  return answered({ state: "Waiting", waitsFor, missingProviders });
}

const paused = answered({
  state: "Paused",
  waitsFor: {
    code: "paused",
    sentence: "An operator paused the run.",
    command: "resume",
    steps: [{ to: null, command: "resume" }],
  },
});

test("names each provider, what was found, what to do, and the command that goes on", () => {
  const text = gateText(
    { missing: [missing("Acme"), missing("Google", null)], before: [], kept: [], command: COMMAND },
    COLUMNS,
  );
  expect(text).toMatch(/^Waiting: /);
  expect(text).toMatch(/^ {2}Acme: not_configured\n {4}Do one thing/m);
  expect(text).toMatch(/^ {2}Google\n {4}Do one thing/m);
  expect(text).toMatch(/Waiting for Acme, Google\./);
  expect(text.split("\n").at(-1)).toBe(`  ${COMMAND}`);
});

test("names at first those that stay skipped since an earlier run", () => {
  const kept = [{ name: "Apple", reason: "nobody uses it", works: false }];
  const told = "Apple is skipped since an earlier run: nobody uses it.";
  const gate = { missing: [missing("Acme")], kept, command: COMMAND };
  expect(gateText({ ...gate, before: [] }, COLUMNS)).toContain(told);
  expect(gateText({ ...gate, before: [missing("Acme")] }, COLUMNS)).not.toContain(told);
});

test("no line but the command is wider than the terminal", () => {
  const lines = gateText(
    { missing: [missing("Acme")], before: [], kept: [], command: COMMAND },
    COLUMNS,
  ).split("\n");
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(COLUMNS);
});

test("commands stay whole on their line", () => {
  const text = wrapped("Run it: `./spillway credentials portal Acme`.", 30, "  ");
  expect(text).toBe("  Run it:\n  `./spillway credentials portal Acme`.");
});

test("a width that nobody knows is that of a common terminal", () => {
  expect(columnsOf({})).toBe(COLUMNS);
  expect(columnsOf({ columns: 0 })).toBe(COLUMNS);
  expect(columnsOf({ columns: 60 })).toBe(60);
});

test("a run at the gate is told once", () => {
  const news = new News();
  expect(news.of(atGate(missing("Acme")), COLUMNS)).toContain("Acme: not_configured");
  expect(news.of(atGate(missing("Acme")), COLUMNS)).toBeNull();
});

test("only what changed at the gate is told again", () => {
  const news = new News();
  news.of(atGate(missing("Acme"), missing("Apple"), missing("Google")), COLUMNS);
  const text = news.of(atGate(missing("Apple"), missing("Google", "wrong_client_id")), COLUMNS);
  expect(text).toMatch(/^No longer waited for: Acme\./);
  expect(text).toContain("  Google: wrong_client_id\n");
  expect(text).not.toContain("Apple: ");
  expect(text).toContain("Waiting for Apple, Google.");
});

test.each([
  ["migrateUserPool", "./spillway migrate FILE"],
  ["undoMigration", "./spillway undo eu-west-1_a"],
  ["verifyMigration", "./spillway verify eu-west-1_a"],
  ["redriveMigration", "./spillway redrive eu-west-1_a"],
])("where no worker answers, it is told what works a run of %s, and on which queue", (type, command) => {
  const text = new News().of({ ...NO_WORKER, type }, 400);
  expect(text).toBe(
    `No worker answers: the run waits for one. With the run's settings and ledger, \`${command}\` goes on with it, or a worker on its queue: \`SPILLWAY_TASK_QUEUE=spillway-82fa5d24 ./spillway worker\`.`,
  );
});

test("whoever works a run is told of its own silence alone, and only once it lasts", () => {
  const news = new News(true);
  const told = [1, 2, 3, 4, 5].map(() => news.of(NO_WORKER, COLUMNS));
  expect(told.map((text) => text !== null)).toEqual([false, false, false, true, false]);
  expect(told[3]?.replaceAll("\n", " ")).toMatch(/^The worker here does not answer; /);
  expect(news.of(atGate(missing("Acme")), COLUMNS)).toContain("Waiting for Acme.");
  expect(news.of(NO_WORKER, COLUMNS)).toBeNull();
});

test("a worker that was away for a moment does not repeat what was found", () => {
  const news = new News();
  news.of(atGate(missing("Acme")), COLUMNS);
  expect(news.of(NO_WORKER, COLUMNS)).toMatch(/^No worker answers/);
  const text = news.of(atGate(missing("Acme")), COLUMNS);
  expect(text).not.toContain("not_configured");
  expect(text).toContain("Waiting for Acme.");
});

test("all is told again after a pause", () => {
  const news = new News();
  news.of(atGate(missing("Acme")), COLUMNS);
  expect(news.of(paused, COLUMNS)).toBe("Paused: An operator paused the run.\nTo go on:\n  resume");
  expect(news.of(atGate(missing("Acme")), COLUMNS)).toContain("Acme: not_configured");
});

test("what a run waits for is as wide as the terminal, and its commands stay whole", () => {
  const command = "`./spillway lookup --failures`";
  const sentence = `${"Many of the last users failed for the same reason. ".repeat(3)}Look: ${command}. Then resume.`;
  for (const code of ["too_many_failures", "approval_resets"]) {
    const waits = { code, sentence, command: COMMAND, steps: [{ to: null, command: COMMAND }] };
    const text = new News().of(answered({ state: "Blocked", waitsFor: waits }), COLUMNS) ?? "";
    const [asked, ...rest] = text.split("\nTo go on:\n");
    expect(rest).toEqual([`  ${COMMAND}\n\`./spillway explain ${code}\` says more.`]);
    expect(asked?.split("\n").every((line) => line.length <= COLUMNS)).toBe(true);
    expect(asked?.replaceAll("\n", " ")).toBe(`Blocked: ${sentence}`);
    expect(asked).toContain(command);
  }
});

test("a sentence that leads to its command itself is followed by nothing else", () => {
  const sentence = "Look whether the mails arrived; then approve the others:";
  const waits = {
    code: "approval_resets",
    sentence,
    command: COMMAND,
    steps: [{ to: null, command: COMMAND }],
  };
  const text = new News().of(answered({ state: "Waiting", waitsFor: waits }), 200);
  expect(text).toBe(`Waiting: ${sentence}\n  ${COMMAND}`);
});

test("that nobody answers is as wide as the terminal", () => {
  const text = new News().of(NO_WORKER, 40) ?? "";
  const lines = text.split("\n").filter((line) => !line.startsWith("`"));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
});

test("another width of the terminal is no news", () => {
  const news = new News();
  expect(news.of(paused, COLUMNS)).not.toBeNull();
  expect(news.of(paused, 20)).toBeNull();
});

test("a run that works is no news until it goes on", () => {
  const news = new News();
  expect(news.of(answered(), COLUMNS)).toBeNull();
  news.of(atGate(missing("Acme")), COLUMNS);
  expect(news.of(answered(), COLUMNS)).toBe("The run goes on.");
});

test("a run that went on and ended between two looks is told to have gone on", () => {
  const news = new News();
  news.of(answered(), COLUMNS);
  expect(news.ofDone()).toBeNull();
  news.of(atGate(missing("Acme")), COLUMNS);
  expect(news.ofDone()).toBe("The run goes on.");
});

test("what stands below the first line, which tells the time, takes the whole width", () => {
  const stamp = "[12:00:00] ";
  const text = new News().of(atGate(missing("Acme")), COLUMNS, stamp) ?? "";
  expect(text.startsWith(`${stamp}Waiting: `)).toBe(true);
  const lines = text.split("\n");
  for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(COLUMNS);
  expect(Math.max(...lines.slice(1).map((line) => line.length))).toBeGreaterThan(COLUMNS - stamp.length);
});
