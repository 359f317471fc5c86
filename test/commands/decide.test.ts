import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finding } from "../../src/domain/findings.ts";
import type { SourceUser } from "../../src/domain/pool.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { replaceFindings } from "../../src/ledger/findings.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { ownMigration, runOf } from "../../src/ledger/runs.ts";
import { recordFingerprint, toRecord } from "../../src/plan/record.ts";
import { POOL_ID, person } from "../report/pools.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { expectRefusal } from "./refusal.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";
import { asUndone, openSeeded, type Seeded, sharing } from "./undecided-rig.ts";

/** Who waits for a person's decision, and how the answers come into the file. */

const UNVERIFIED = { verified: false };
const GOOGLE = {
  status: "EXTERNAL_PROVIDER",
  identities: [{ provider: "Google", userId: "1" }],
};
const { down, enter, ctrlC } = KEYS;

const cli = ({ folder, settings, file }: Seeded, ...words: string[]) =>
  runCli(["decide", file, ...words], folder, settings);
const open = async (seeded: Seeded) => JSON.parse((await cli(seeded, "--json")).stdout).open;
const decisionsIn = ({ file }: Seeded) => JSON.parse(readFileSync(file, "utf8")).users?.decisions;
const atTerminal = ({ folder, settings, file }: Seeded, ...words: string[]) =>
  startAtTerminal(["decide", file, ...words], folder, settings);

test("nothing that machines read acts on a terminal, and it means the same", async () => {
  const provider = "Goo\u009b2J\u202egle\u200b\u007f";
  const odd = { ...GOOGLE, identities: [{ provider, userId: "1" }] };
  const { stdout } = await cli(await openSeeded(sharing("ada", [{}, { enabled: false }, odd])), "--json");
  expect(stdout).not.toMatch(/[\u007f-\u009f\u200b\u202e]/);
  expect(JSON.parse(stdout).open[0].people[1].providers).toEqual([provider]);
});

test("machines read who shares an address, how each stands, and what each answer leads to", async () => {
  const seeded = await openSeeded([person("x"), ...sharing("ada", [{}, { enabled: false }, GOOGLE])]);
  const before = readFileSync(seeded.file);
  const { code, stdout, stderr } = await cli(seeded, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toContain("@");
  expect(JSON.parse(stdout)).toMatchObject({ pool: POOL_ID, environment: "client_environment" });
  const [cluster, ...others] = JSON.parse(stdout).open;
  expect(others).toEqual([]);
  expect(cluster).toMatchObject({
    ...{ kind: "shared_address", reason: "decision_disabled_member", isPart: false, isAnswered: false },
    people: [
      {
        ...{ sub: "ada-1", status: "CONFIRMED", enabled: true, emailVerified: true, hasPassword: true },
        ...{ providers: [], createdAt: "2021-03-04T00:00:00.000Z", changedAt: "2024-01-02T00:00:00.000Z" },
        ...{ standsSince: null, inFile: null },
      },
      { sub: "ada-3", status: "EXTERNAL_PROVIDER", hasPassword: false, providers: ["Google"] },
      { sub: "ada-2", enabled: false, decision: { action: "skip", reason: "disabled" } },
    ],
  });
  const leadsTo = (sub: string, action: string, reason: string | null, mergedInto: string | null = null) => ({
    ...{ sub, action, reason, mergedInto },
  });
  const out = leadsTo("ada-2", "skip", "disabled");
  expect(cluster.answers).toEqual([
    {
      answer: "one_person",
      subs: ["ada-1", "ada-3"],
      decisions: { "ada-1": "import", "ada-3": "import" },
      leadsTo: expect.arrayContaining([
        out,
        leadsTo("ada-1", "create", null),
        leadsTo("ada-3", "merge", "merged_same_email", "ada-1"),
      ]),
    },
    {
      answer: "only",
      subs: ["ada-1"],
      decisions: { "ada-1": "import", "ada-3": "skip" },
      leadsTo: expect.arrayContaining([
        out,
        leadsTo("ada-1", "create", null),
        leadsTo("ada-3", "skip", "decided_skip"),
      ]),
    },
    expect.objectContaining({ answer: "only", subs: ["ada-3"] }),
    expect.objectContaining({ answer: "nobody", decisions: { "ada-1": "skip", "ada-3": "skip" } }),
  ]);
  expect(readFileSync(seeded.file)).toEqual(before);
});

test("the list has the lines for the file, and needs no terminal", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  const { code, stdout } = await cli(seeded, "--list");
  expect(code).toBe(0);
  expect(stdout).toContain("1 group of accounts that share an address");
  expect(stdout).toMatch(/ 1 bob-1\n {3}CONFIRMED, enabled, e-mail not verified, signs in by password, /);
  expect(stdout).toContain(
    ' → Only 1 comes along\n   1 gets an account; 2 stays out.\n   "bob-1": "import",\n   "bob-2": "skip"\n',
  );
  const answered = JSON.parse(`{${/"bob-1": "import",\n +"bob-2": "skip"/.exec(stdout)?.[0]}}`);
  const source = { region: "eu-west-1", userPoolId: POOL_ID };
  const users = { decisions: answered };
  writeFileSync(seeded.file, JSON.stringify({ source, destination: { kind: "workos" }, users }));
  expect(await open(seeded)).toMatchObject([{ isAnswered: true }]);
});

testAtTerminal("answers at a terminal come into the file one by one; back and stop keep them", async () => {
  const people = [...sharing("ada", [{}, { enabled: false }]), ...sharing("bob", [UNVERIFIED, UNVERIFIED])];
  const seeded = await openSeeded([...people, ...sharing("eve", [UNVERIFIED, UNVERIFIED])]);
  const terminal = atTerminal(seeded);
  await terminal.shown(/1 of 3 .* ada-1 .*Only 1 comes along.*Into the file: "ada-1": "import"/);
  terminal.press(enter);
  await terminal.shown(/2 of 3 .*bob-1.*Stop here/);
  expect(decisionsIn(seeded)).toEqual({ "ada-1": "import" });
  terminal.press(down, enter);
  await terminal.shown(/3 of 3 .*eve-1.*Stop here/);
  expect(decisionsIn(seeded)).toEqual({ "ada-1": "import", "bob-1": "skip", "bob-2": "import" });
  terminal.press(down, down, down, down, enter);
  expect(await terminal.shown(/2 of 3 .*Stop here/)).toMatch(/the file says "skip".*the file says "import"/);
  terminal.press(enter);
  await terminal.shown(/3 of 3 .*Stop here/);
  expect(decisionsIn(seeded)).toEqual({ "ada-1": "import", "bob-1": "import", "bob-2": "skip" });
  terminal.press(ctrlC);
  const { code, text } = await terminal.ended;
  expect(code).toBe(130);
  expect(text).toContain(`2 answers are in ${seeded.file}. Next: \`./spillway plan ${seeded.file}\` shows`);
});

testAtTerminal("who is left for later changes nothing", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  const before = readFileSync(seeded.file);
  const terminal = atTerminal(seeded);
  await terminal.shown("Stop here");
  terminal.press(down, down, down, enter);
  expect((await terminal.ended).text).toContain("Nothing was changed.");
  expect(readFileSync(seeded.file)).toEqual(before);
});

testAtTerminal(
  "everything else in the file stays as it is written, its mode and a link to it as well",
  async () => {
    const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
    const text = `\uFEFF{\r\n\t"source": {"region":"eu-west-1",   "userPoolId": "${POOL_ID}"},\r\n\t"destination": { "kind": "workos" },\r\n\t"users": {\r\n\t\t"decisions": { "other": "skip" }\r\n\t}\r\n}`;
    const real = join(seeded.folder, "real.json");
    writeFileSync(real, text);
    chmodSync(real, 0o664);
    const link = join(seeded.folder, "link.json");
    symlinkSync(real, link);
    const terminal = atTerminal({ ...seeded, file: link });
    await terminal.shown("Stop here");
    terminal.press(enter);
    await terminal.ended;
    const decisions = `"decisions": { "other": "skip", "bob-1": "import", "bob-2": "skip" }`;
    expect(readFileSync(real, "utf8").replaceAll(/\s+/g, " ")).toBe(
      text.replace('"decisions": { "other": "skip" }', decisions).replaceAll(/\s+/g, " "),
    );
    expect(readFileSync(real, "utf8")).toMatch(/^\uFEFF\{\r\n\t"source": \{"region":"eu-west-1", {3}"user/);
    expect(readFileSync(real, "utf8")).not.toMatch(/[^\r]\n/);
    expect(statSync(real).mode & 0o777).toBe(0o664);
    expect(readFileSync(link)).toEqual(readFileSync(real));
  },
);

testAtTerminal("a file that somebody else changed meanwhile is not overwritten", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  const terminal = atTerminal(seeded);
  await terminal.shown("Stop here");
  const theirs = readFileSync(seeded.file, "utf8").replace("{", "{ ");
  writeFileSync(seeded.file, theirs);
  terminal.press(enter);
  const { code, text } = await terminal.ended;
  expect(text).toContain("was changed by somebody else meanwhile, and was left as it is");
  expect(code).toBe(2);
  expect(readFileSync(seeded.file, "utf8")).toBe(theirs);
});

testAtTerminal("who is answered in the file already is not asked about", async () => {
  const people = [...sharing("ada", [UNVERIFIED, UNVERIFIED]), ...sharing("bob", [UNVERIFIED, UNVERIFIED])];
  const decisions = { "ada-1": "import", "ada-2": "skip", "bob-2": "import" } as const;
  const seeded = await openSeeded(people);
  const source = { region: "eu-west-1", userPoolId: POOL_ID };
  writeFileSync(
    seeded.file,
    JSON.stringify({ source, destination: { kind: "workos" }, users: { decisions } }),
  );
  expect(await open(seeded)).toMatchObject([
    { isAnswered: true },
    {
      isAnswered: false,
      people: [
        { sub: "bob-1", inFile: null },
        { sub: "bob-2", inFile: "import" },
      ],
    },
  ]);
  const terminal = atTerminal(seeded);
  expect(await terminal.shown("Stop here")).not.toContain("1 of 2");
  terminal.press(enter);
  await terminal.ended;
  expect(decisionsIn(seeded)).toEqual({
    "ada-1": "import",
    "ada-2": "skip",
    "bob-1": "import",
    "bob-2": "skip",
  });
  // A file of one line stays one.
  expect(readFileSync(seeded.file, "utf8")).not.toContain("\n");
});

testAtTerminal("of over 1,000 who share an address one is named, and the others stay out", async () => {
  const seeded = await openSeeded(
    sharing(
      "many",
      Array.from({ length: 1_002 }, () => UNVERIFIED),
    ),
  );
  const [cluster] = await open(seeded);
  expect(cluster).toMatchObject({ reason: "decision_too_many", isPart: true });
  expect(cluster.people).toHaveLength(1_001);
  expect(new Set(cluster.answers.map(({ answer }: { answer: string }) => answer))).toEqual(new Set(["only"]));
  const terminal = atTerminal(seeded);
  expect(await terminal.shown("Stop here")).toMatch(/and over 981 others/);
  terminal.press(...Array.from({ length: 9 }, () => down), enter);
  await terminal.shown("Whose sub?");
  terminal.press("nobody", enter);
  await terminal.shown("That is nobody of these");
  terminal.press(..."nobody".split("").map(() => "\x7f"), "many-100", enter);
  expect((await terminal.ended).code).toBe(0);
  expect(decisionsIn(seeded)).toEqual({ "many-100": "import" });
});

test("a group that the file has no room for is answered by whoever comes along alone", async () => {
  const seeded = await openSeeded(
    sharing(
      "many",
      Array.from({ length: 600 }, () => UNVERIFIED),
    ),
    {
      users: {
        decisions: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`named-${at}`, "skip"])),
      },
    },
  );
  const [{ answers }] = await open(seeded);
  expect(answers[0]).toMatchObject({ answer: "only", subs: ["many-1"], decisions: { "many-1": "import" } });
});

test("names from outside do nothing to the terminal", async () => {
  const identities = [{ provider: "\u001b[31mEvil`$(x)\u202e", userId: "2" }];
  const seeded = await openSeeded(sharing("eve", [UNVERIFIED, { ...GOOGLE, identities, ...UNVERIFIED }]));
  const { stdout } = await cli(seeded, "--list");
  expect(stdout).toContain("\\u001b[31mEvil`$(x)\\u202e, created");
});

testAtTerminal("addresses are shown at a terminal, where they are asked for, and nowhere else", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  expectRefusal(await cli(seeded, "--list", "--show-addresses"), /^Addresses are shown at a terminal only/);
  expectRefusal(await cli(seeded, "--json", "--show-addresses"), /^Addresses are shown at a terminal only/);
  const hidden = atTerminal(seeded, "--list");
  expect((await hidden.ended).text).not.toContain("@");
  const shown = atTerminal(seeded, "--list", "--show-addresses");
  expect((await shown.ended).text).toContain("1 bob-1 bob@example.com CONFIRMED");
});

test("without a terminal nothing is asked", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  expectRefusal(await cli(seeded), /^decide asks at a terminal, and there is none: --list .*--json/);
});

test("where nobody waits, that is said", async () => {
  const seeded = await openSeeded([person("a")]);
  expect((await cli(seeded, "--list")).stdout).toBe("The newest plan leaves nothing to a person.\n");
  expect(await open(seeded)).toEqual([]);
});

test("a pool that was never planned is planned first", async () => {
  const none = freshFolder();
  const seeded = await openSeeded([person("a")]);
  const nowhere = { ...seeded, settings: { ...seeded.settings, SPILLWAY_LEDGER: `sqlite:${none}/l.db` } };
  expectRefusal(
    await cli(nowhere, "--list"),
    /^There is no ledger at .*; `\.\/spillway plan .*` makes it first\.$/m,
  );
  const { ledger, migration } = seeded;
  const cursor = { ...runOf(migration), name: "plan" };
  await takeCursor(ledger, cursor, 2);
  await ledger.write((tx) => moveCursor(tx, cursor, 2, { position: null, done: false, counters: {} }));
  expectRefusal(
    await cli(seeded, "--list"),
    /^The newest run has not decided about everybody yet: .*`\.\/spillway plan /,
  );
  const text = readFileSync(seeded.file, "utf8").replace(POOL_ID, "eu-west-1_Other");
  writeFileSync(seeded.file, text);
  expectRefusal(
    await cli(seeded, "--list"),
    /^The ledger knows nothing of the pool eu-west-1_Other yet: `\.\/spillway plan .*` reads it first\.$/m,
  );
});

test("after an undo a plan comes first", async () => {
  const seeded = await openSeeded([person("a")]);
  await asUndone(seeded);
  expectRefusal(
    await cli(seeded, "--list"),
    /^The newest run is an undo, .*: `\.\/spillway plan .*` does\.$/m,
  );
});

test("of several environments the one of the settings is meant, unless another one is named", async () => {
  const seeded = await openSeeded(sharing("bob", [UNVERIFIED, UNVERIFIED]));
  const { ledger, migration } = seeded;
  const identity = { poolId: POOL_ID, destinationKind: "workos", environment: "client_other" };
  const owner = { namespace: "n", workflowId: "w", firstRunId: "r" };
  await ledger.write((tx) => ownMigration(tx, identity, migration.file, owner, undefined));
  expect((await cli(seeded, "--list")).stdout).toContain("bob-1");
  expectRefusal(await cli(seeded, "--list", "--environment", "client_other"), /spillway plan/);
  const elsewhere = { ...seeded, settings: { ...seeded.settings, WORKOS_CLIENT_ID: "client_third" } };
  expectRefusal(await cli(elsewhere, "--list"), /choose one with --environment/);
  const named = await cli(elsewhere, "--list", "--environment", "client_environment");
  expect(named.stdout).toContain("bob-1");
});

testAtTerminal(
  "whose address has changed since is asked about, and the file can name the answer",
  async () => {
    const moved = person("moved", { email: "now@example.com" });
    const seeded = await openSeeded([moved, person("same")]);
    const { ledger, migration } = seeded;
    const fingerprints = (user: SourceUser, email: string) =>
      recordFingerprint(toRecord(user.sub, { ...user.attributes, email }, {}));
    const standing = (sub: string) => ({
      ...({ kind: "user", key: sub, destinationId: `user_${sub}`, how: "created", details: null } as const),
      fingerprint: fingerprints(person(sub), `${sub}@example.com`),
      firstClaimedAtMs: Date.parse("2025-01-01T00:00:00Z"),
    });
    const planned = (user: SourceUser) => ({
      ...({ sub: user.sub, action: "create", reason: null, mergeInto: null } as const),
      fingerprint: fingerprints(user, user.attributes.email ?? ""),
    });
    const run = runOf(migration);
    const told = [finding("address_changed", { count: 1, examples: ["moved"] })];
    await ledger.write((tx) => noteStanding(tx, migration.id, [standing("moved"), standing("same")]));
    await ledger.write((tx) => writeDecisions(tx, run, [planned(moved), planned(person("same"))]));
    await ledger.write((tx) => replaceFindings(tx, migration.id, migration.generation, "plan", told));
    expect(await open(seeded)).toMatchObject([
      {
        kind: "other_address",
        isAnswered: false,
        people: [{ sub: "moved", standsSince: "2025-01-01T00:00:00.000Z" }],
        answers: [{ answer: "readdress", decisions: { moved: "readdress" } }],
      },
    ]);
    const terminal = atTerminal(seeded);
    await terminal.shown(/Has another e-mail address in Cognito.*Stop here/);
    terminal.press(enter);
    await terminal.ended;
    expect(decisionsIn(seeded)).toEqual({ moved: "readdress" });
    expect(await open(seeded)).toMatchObject([{ isAnswered: true }]);
  },
);
