import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { counterpartOf } from "../../src/destinations/workos/counterparts.ts";
import { providerTask } from "../../src/plan/provider-advice.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { runCli } from "./cli.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration, startRig } from "./rig.ts";

const { identityProviders } = makePool({ users: 0, seed: 1, providers: true });
const google = providerNamed("Google").details;

function providerNamed(name: string) {
  const provider = identityProviders.find((one) => one.name === name);
  if (provider === undefined) throw new Error(`The pool has no ${name}.`);
  return provider;
}

/** A pool with identity providers, and a ledger that knows of a migration to each environment. */
async function startKnown(environments = ["client_01"]) {
  const rig = await startRig(0);
  rig.pool.identityProviders.push(...identityProviders);
  for (const environment of environments) await addMigration(rig, environment);
  const reveal = (...words: string[]) =>
    runCli(["credentials", "reveal", ...words], rig.folder, rig.settings);
  return { rig, reveal };
}

test("shows id and secret where that is forced", async () => {
  const { reveal } = await startKnown();
  const { code, stdout, stderr } = await reveal("Google", "--force");
  expect(stderr).toBe("");
  expect(stdout).toBe(`client id       ${google.client_id}\nclient secret   ${google.client_secret}\n`);
  expect(code).toBe(0);
});

/** What a shell makes of the command that the advice prints. */
function printedWords(name: string): string[] {
  const provider = { name, type: "Google", clientId: "1", issuer: null, scopes: "", saml: null } as const;
  const known = { ...provider, attributeMapping: {}, identifiers: [] };
  const fate = counterpartOf(known);
  if (fate.kind !== "dashboard") throw new Error("Google has changed.");
  const advice = providerTask(known, fate).join(" ");
  const line = /`\.\/spillway ([^`]*)`/.exec(advice)?.[1] ?? "";
  const script = `printf '%s\\0' ${line}`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test.each(["--force", "-", "--pool=x", "--", "Google & friends"])(
  "the printed command reveals the provider %s by its name",
  async (name) => {
    const { rig } = await startKnown();
    rig.pool.identityProviders.push({ ...providerNamed("Google"), name });
    const [credentials = "", reveal = "", ...rest] = printedWords(name);
    const unasked = await runCli([credentials, reveal, ...rest], rig.folder, rig.settings);
    expectRefusal(unasked, /^A secret is shown at a terminal only/);
    const asked = await runCli([credentials, reveal, "--force", ...rest], rig.folder, rig.settings);
    expect(asked.stdout).toContain(`client secret   ${google.client_secret}\n`);
  },
);

test("shows no secret without a terminal", async () => {
  const { reveal } = await startKnown();
  expectRefusal(await reveal("Google"), /^A secret is shown at a terminal only; add --force/);
});

test.each([
  ["AcmeSAML", /^The provider AcmeSAML speaks SAML, which knows no client secret\.$/m],
  ["SignInWithApple", /^Cognito keeps the private key of SignInWithApple to itself/],
])("tells that %s has no secret", async (name, sentence) => {
  const { reveal } = await startKnown();
  expectRefusal(await reveal(name, "--force"), sentence);
});

test.each(["Gogle", "a name that is longer than any of a provider may be"])(
  "names the providers that there are instead of %j",
  async (name) => {
    const { reveal } = await startKnown();
    const names = identityProviders.map((provider) => provider.name).join(", ");
    const sentence = new RegExp(`has no identity provider "${name}"; it has: ${names}\\.`);
    expectRefusal(await reveal(name, "--force"), sentence);
  },
);

test("tells that a pool has no providers", async () => {
  const { rig, reveal } = await startKnown();
  rig.pool.identityProviders.length = 0;
  expectRefusal(await reveal("Google", "--force"), /has no identity providers\.$/m);
});

test("tells that the pool is gone", async () => {
  const { rig, reveal } = await startKnown();
  rig.pool.poolId = "eu-west-1_Other";
  expectRefusal(await reveal("Google", "--force"), /^There is no user pool eu-west-1_\w+ in eu-west-1/);
});

test("tells of credentials that are missing", async () => {
  const { rig, reveal } = await startKnown();
  delete rig.settings.AWS_ACCESS_KEY_ID;
  expectRefusal(await reveal("Google", "--force"), /^There are no AWS credentials/);
});

test("chooses between environments as other commands do", async () => {
  const { reveal } = await startKnown(["client_01", "client_02"]);
  expectRefusal(await reveal("Google", "--force"), /choose one with --pool and --environment/);
  const { stdout } = await reveal("Google", "--force", "--environment", "client_02");
  expect(stdout).toContain(google.client_secret);
});

test("knows only pools of the ledger", async () => {
  const { reveal } = await startKnown();
  expectRefusal(await reveal("Google", "--force", "--pool", "eu-west-1_Other"), /knows no such migration/);
});

test("lists what it can do where nothing is asked of it", async () => {
  const { rig } = await startKnown([]);
  const { code, stderr } = await runCli(["credentials"], rig.folder, rig.settings);
  expect(stderr).toMatch(/reveal \[options\] <provider>/);
  expect(code).toBe(2);
});
