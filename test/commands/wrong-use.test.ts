import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { runCli } from "./cli.ts";
import { type Rig, startRig } from "./rig.ts";

const NOWHERE = "127.0.0.1:1";

interface Row {
  title: string;
  words: readonly string[];
  /** What is changed in a rig that works. */
  bend?: (rig: Rig) => void | Promise<void>;
  sentence: RegExp;
}

function rewrite({ file }: Rig, text: string): void {
  writeFileSync(file, text);
}

function migrationOf(rig: Rig, changes: object): string {
  const source = { region: rig.pool.region, userPoolId: rig.pool.poolId };
  return JSON.stringify({ source, destination: { kind: "workos" }, ...changes });
}

const ROWS: Row[] = [
  { title: "a command that is not there", words: ["chekc"], sentence: /Unknown command 'chekc'/ },
  {
    title: "an unknown option",
    words: ["check", "migration.json", "--fast"],
    sentence: /Unknown option '--fast'/,
  },
  { title: "a missing argument", words: ["migrate"], sentence: /Missing required argument 'file'/ },
  ...[
    [["lookup", ""], "<sub>", "lookup"],
    [["lookup", "--destination-id", ""], "--destination-id", "lookup"],
    [["lookup", "somebody", "--pool", " "], "--pool", "lookup"],
    [["verify", ""], "<pool>", "verify"],
    [["undo", "eu-west-1_a", "--environment="], "--environment", "undo"],
    [["check", ""], "<file>", "check"],
    [["credentials", "status", "--pool", ""], "--pool", "credentials status"],
  ].map(([words, name, command]) => ({
    title: `nothing for ${name} of ${command}`,
    words: [...(words ?? [])],
    sentence: new RegExp(`^${name} is empty; see \\./spillway ${command} --help\\.\n$`),
  })),
  ...[
    ["lookup", "ada@example.com"],
    ["lookup", "--destination-id", "ada@example.com"],
  ].map((words) => ({
    title: `an address for ${words.at(-2)}`,
    words,
    sentence:
      /^Addresses do not belong on a command line: use `.\/spillway lookup --email`, which asks for it\.\n$/,
  })),
  { title: "a report without a folder", words: ["report"], sentence: /'--out <folder>' not specified/ },
  {
    title: "a file that is not there",
    words: ["check", "missing.json"],
    sentence: /There is no file missing\.json/,
  },
  {
    title: "a file that is not JSON",
    words: ["check", "migration.json"],
    bend: (rig) => rewrite(rig, "{ source:"),
    sentence: /migration\.json is not JSON: look at line 1, column 3/,
  },
  {
    title: "a file that is a folder",
    words: ["migrate", "."],
    sentence: /The file \. cannot be read: it is a folder\./,
  },
  ...["check", "migrate"].map((command) => ({
    title: `a key that is there twice, to ${command}`,
    words: [command, "migration.json"],
    bend: (rig: Rig) => rewrite(rig, '{"only": {"limit": 1},\n"only": {"limit": 2}}'),
    sentence: /migration\.json has the key "only" twice, on line 1 and on line 2: leave one of the two\./,
  })),
  ...["check", "migrate"].map((command) => ({
    title: `a file that is too large to ${command}`,
    words: [command, "migration.json"],
    bend: (rig: Rig) =>
      rewrite(rig, migrationOf(rig, { metadata: { big: { constant: "x".repeat(1_500_000) } } })),
    sentence: /too large: 1\.51 MB as JSON without spaces, and a run takes 1\.50 MB/,
  })),
  {
    title: "an unknown key",
    words: ["check", "migration.json"],
    bend: (rig) => rewrite(rig, migrationOf(rig, { sauce: 1 })),
    sentence: /unknown key "sauce"/,
  },
  {
    title: "a wrong value",
    words: ["migrate", "migration.json"],
    bend: (rig) => rewrite(rig, migrationOf(rig, { pace: { writesPerSecond: 0 } })),
    sentence: /"pace\.writesPerSecond"/,
  },
  {
    title: "too long a metadata key",
    words: ["check", "migration.json"],
    bend: (rig) => rewrite(rig, migrationOf(rig, { attributes: { "custom:plan": "p".repeat(41) } })),
    sentence: /longer than 40 characters/,
  },
  {
    title: "an attribute that the pool lacks",
    words: ["migrate", "migration.json"],
    bend: (rig) => rewrite(rig, migrationOf(rig, { attributes: { "custom:plam": "plan" } })),
    sentence: /The pool has no attribute "custom:plam"/,
  },
  {
    title: "a missing setting",
    words: ["check", "migration.json", "--offline"],
    bend: ({ settings }) => void delete settings.WORKOS_API_KEY,
    sentence: /WORKOS_API_KEY is missing/,
  },
  {
    title: "own mails and no place that sends them",
    words: ["check", "migration.json", "--offline"],
    bend: (rig) =>
      rewrite(
        rig,
        migrationOf(rig, {
          passwordResets: { send: true, delivery: "own", unverified: "skip", acceptMfaLoss: true },
        }),
      ),
    sentence: /SPILLWAY_MAIL is not set/,
  },
  {
    title: "a wrong setting",
    words: ["report", "--out", "report"],
    bend: ({ settings }) => Object.assign(settings, { SPILLWAY_LEDGER: "mysql://x" }),
    sentence: /SPILLWAY_LEDGER must be/,
  },
  {
    title: "a WorkOS key that is refused",
    words: ["check", "migration.json"],
    bend: ({ settings }) => Object.assign(settings, { WORKOS_API_KEY: "sk_test_other" }),
    sentence: /WorkOS refuses the API key \(unauthorized\); check WORKOS_API_KEY\.$/m,
  },
  ...["check", "migrate"].map((command) => ({
    title: `a client id that is not of the key's environment, to ${command}`,
    words: [command, "migration.json"],
    bend: ({ settings }: Rig) => void Object.assign(settings, { WORKOS_CLIENT_ID: "client_other" }),
    sentence: /^WorkOS takes the API key, and WORKOS_CLIENT_ID is not the client id of its environment/,
  })),
  {
    title: "a WorkOS key that may not do what is needed",
    words: ["check", "migration.json"],
    bend: ({ workos }) => workos.setOptions({ forbidden: true }),
    sentence: /^WorkOS takes the API key, and lets it not make a call that is needed \(forbidden\)/,
  },
  {
    title: "a pool that is not there",
    words: ["check", "migration.json"],
    bend: (rig) =>
      rewrite(rig, migrationOf(rig, { source: { region: "eu-west-1", userPoolId: "eu-west-1_Missing" } })),
    sentence: /There is no user pool eu-west-1_Missing in eu-west-1/,
  },
  {
    title: "another region",
    words: ["migrate", "migration.json"],
    bend: (rig) =>
      rewrite(rig, migrationOf(rig, { source: { region: "us-east-1", userPoolId: rig.pool.poolId } })),
    sentence: /check source\.userPoolId/,
  },
  {
    title: "no AWS credentials",
    words: ["migrate", "migration.json"],
    bend: ({ settings }) => {
      delete settings.AWS_ACCESS_KEY_ID;
      delete settings.AWS_SECRET_ACCESS_KEY;
    },
    sentence: /There are no AWS credentials/,
  },
  {
    title: "a Temporal server that is not there, at check",
    words: ["check", "migration.json"],
    bend: ({ settings }) => Object.assign(settings, { TEMPORAL_ADDRESS: NOWHERE }),
    sentence: /No Temporal server answers at 127\.0\.0\.1:1/,
  },
  {
    title: "a Temporal server that is not there, at migrate",
    words: ["migrate", "migration.json"],
    bend: ({ settings }) => Object.assign(settings, { TEMPORAL_ADDRESS: NOWHERE }),
    sentence: /No Temporal server answers at 127\.0\.0\.1:1/,
  },
  ...[
    ["check", "migration.json"],
    ["migrate", "migration.json"],
    ["watch", "eu-west-1_Missing"],
    ["takeover", "eu-west-1_Missing", "--region", "eu-west-1"],
  ].map((words) => ({
    title: `a Temporal address that is none, at ${words[0]}`,
    words,
    bend: ({ settings }: Rig) => void Object.assign(settings, { TEMPORAL_ADDRESS: "garbage" }),
    sentence: /^The setting TEMPORAL_ADDRESS must be host:port, for example localhost:7233\.$/m,
  })),
  ...[
    ["check", "migration.json"],
    ["check", "migration.json", "--offline"],
    ["plan", "migration.json"],
    ["migrate", "migration.json"],
    ["watch", "eu-west-1_Missing"],
    ["pause", "eu-west-1_Missing"],
  ].map((words) => ({
    title: `a broken profile file of Temporal's, at ${words.join(" ")}`,
    words,
    bend: ({ folder, settings }: Rig) => {
      writeFileSync(join(folder, "temporal.toml"), "[profile.default]\napi_key = 'sk-of-temporal\n");
      Object.assign(settings, { TEMPORAL_CONFIG_FILE: "temporal.toml" });
    },
    sentence: /^Temporal's profile file temporal\.toml is no TOML, at line 2; mend it, [^\n]*\.\n$/,
  })),
  {
    title: "a live key and nobody to ask",
    words: ["migrate", "migration.json"],
    bend: ({ settings, workos }) => {
      workos.setOptions({ key: "sk_live_double" });
      settings.WORKOS_API_KEY = "sk_live_double";
    },
    sentence: /live key.*--yes/,
  },
  { title: "a ledger that is not there", words: ["report", "--out", "r"], sentence: /There is no ledger at/ },
  {
    title: "a ledger that cannot be written",
    words: ["migrate", "migration.json"],
    bend: ({ settings }) => Object.assign(settings, { SPILLWAY_LEDGER: "sqlite:/proc/ledger.db" }),
    sentence: /The ledger cannot be written/,
  },
  {
    title: "a PostgreSQL that does not answer",
    words: ["lookup", "--failures"],
    bend: ({ settings }) => Object.assign(settings, { SPILLWAY_LEDGER: "postgres://a:b@127.0.0.1:1/c" }),
    sentence: /The ledger's PostgreSQL does not answer/,
  },
  {
    title: "a run that is not there",
    words: ["watch", "eu-west-1_Missing"],
    sentence: /There is no run migrate-eu-west-1_Missing/,
  },
  { title: "an address on the command line", words: ["lookup", "ada@example.com"], sentence: /--email/ },
  {
    title: "a lookup of nothing",
    words: ["lookup"],
    sentence: /one of: a sub, --destination-id, --email or --failures/,
  },
];

test.for(ROWS)("refuses $title in one sentence", async ({ words, bend, sentence }) => {
  const rig = await startRig();
  await bend?.(rig);
  const before = readdirSync(rig.folder);
  const { code, stderr } = await runCli(words, rig.folder, rig.settings);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd()).not.toContain("\n");
  expect(code).toBe(2);
  expect(readdirSync(rig.folder)).toEqual(before);
});

test("refuses a ledger of a newer version", async () => {
  const rig = await startRig();
  const path = join(rig.folder, "ledger.db");
  await (await openLedger(`sqlite:${path}`)).close();
  const db = new DatabaseSync(path);
  db.exec("insert into spillway_migration (name, timestamp) values ('9999_later', '2030-01-01')");
  db.close();
  const { code, stderr } = await runCli(["report", "--out", "r"], rig.folder, rig.settings);
  expect(stderr).toMatch(/made by a newer Spillway/);
  expect(code).toBe(2);
});
