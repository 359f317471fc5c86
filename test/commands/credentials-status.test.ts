import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePool } from "../doubles/pool/make-pool.ts";
import { runCli, startCli } from "./cli.ts";
import { detail, PLACED, SET_UP, startGateRig } from "./gate-rig.ts";

const [webApp, backOffice, nightlyExport, mobileApp] = SET_UP.clients;
const COLUMNS = 80;

test("tells what is missing while a run waits, and that nothing is once all stands", async () => {
  const { file, folder, settings, pool, workos } = await startGateRig();
  const status = (...words: string[]) => runCli(["credentials", "status", ...words], folder, settings);
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("./spillway skip");

  const waiting = await status();
  expect(waiting.stderr).toBe("");
  expect(waiting.code).toBe(1);
  expect(waiting.stdout).toMatch(/^7 identity providers\n {2}AcmeSAML +SAML +verified\n/);
  expect(waiting.stdout).toMatch(/^ {2}Google +Google +missing: not_configured$/m);
  expect(waiting.stdout.match(/`\.\/spillway credentials reveal Google`/g)).toHaveLength(1);
  expect(waiting.stdout).toMatch(/^ {2}Facebook +Facebook +none$/m);
  expect(waiting.stdout).toMatch(/^Missing: 2\.$/m);
  // Names are never broken: they are copied.
  const lines = waiting.stdout.split("\n").filter((line) => !line.includes(`${pool.poolId}/`));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(COLUMNS);

  workos.configureProvider({ provider: "GoogleOAuth", clientId: detail("Google", "client_id") });
  workos.configureProvider({ provider: "AppleOAuth", clientId: detail("SignInWithApple", "client_id") });
  expect((await run.ended).code).toBe(0);
  const done = await status("--json");
  expect(done.code).toBe(0);
  const { providers, clients, secretsIn } = JSON.parse(done.stdout);
  expect(providers).toHaveLength(SET_UP.identityProviders.length);
  expect(providers).toContainEqual({
    name: "Google",
    type: "Google",
    state: "verified",
    fault: null,
    whatToDo: [],
    reason: null,
    sinceEarlierRun: false,
  });
  expect(clients).toHaveLength(SET_UP.clients.length);
  const byId = new Map(clients.map((client: { clientId: string }) => [client.clientId, client]));
  expect(byId.get(webApp?.id)).toMatchObject({ name: "web-app", state: "made", secretName: null });
  expect(byId.get(mobileApp?.id)).toMatchObject({ state: "none", newClientId: null });
  const kept = JSON.parse(readFileSync(secretsIn.replace("the file ", ""), "utf8"));
  for (const client of [backOffice, nightlyExport]) {
    const secretName = `${pool.poolId}/${settings.WORKOS_CLIENT_ID}/${client?.id}`;
    const newClientId = kept[secretName].clientId;
    expect(byId.get(client?.id)).toMatchObject({ state: "made", secretName, newClientId });
  }
  const text = (await status()).stdout;
  expect(text).toContain("Nothing is missing.");
  for (const { clientSecret } of Object.values<{ clientSecret: string }>(kept))
    expect(`${text}${done.stdout}`).not.toContain(clientSecret);
});

test("counts what a dry run left out as missing", async () => {
  const { CorpOIDC: _, ...providers } = PLACED.providers;
  const { file, folder, settings } = await startGateRig(0, { dryRun: true, providers, clients: {} });
  expect((await runCli(["migrate", file], folder, settings)).code).toBe(0);
  const { code, stdout } = await runCli(["credentials", "status", "--json"], folder, settings);
  const { providers: standing, clients } = JSON.parse(stdout);
  expect(standing.find((one: { name: string }) => one.name === "CorpOIDC")).toMatchObject({
    state: "missing",
    whatToDo: ['Name its organization under "providers" in the migration file, and start again.'],
  });
  expect(clients).toContainEqual({
    clientId: webApp?.id,
    name: "web-app",
    state: "missing",
    newClientId: null,
    secretName: null,
    reason: null,
  });
  expect(clients.find((one: { clientId: string }) => one.clientId === nightlyExport?.id)).toMatchObject({
    state: "missing",
    reason: 'Name its organization under "clients" in the migration file, and start again.',
  });
  expect(code).toBe(1);
});

test("a provider that a pilot did not need is open, and missing for the run of everyone", async () => {
  const users = 200;
  const plain = makePool({ users, seed: 1, providers: true }).users.find(({ kind }) => kind === "plain");
  const { file, folder, settings } = await startGateRig(users, { only: { subs: [plain?.sub ?? ""] } });
  // The pilot's own gate waits for neither Google nor Apple.
  const pilot = await runCli(["migrate", file], folder, settings);
  expect(pilot.stderr).toBe("");
  expect(pilot.code).toBe(0);

  const { code, stdout } = await runCli(["credentials", "status"], folder, settings);
  expect(stdout).toMatch(/^ {2}Google +Google +open$/m);
  const sentences = stdout.replaceAll(/\s+/g, " ");
  expect(sentences).toContain("The pilot did not need it; the run of everyone waits for it. Open https:");
  expect(stdout).toMatch(/^ {2}Facebook +Facebook +none$/m);
  expect(stdout).toMatch(/^Missing: 5\.$/m);
  expect(code).toBe(1);

  const { providers } = JSON.parse(
    (await runCli(["credentials", "status", "--json"], folder, settings)).stdout,
  );
  expect(providers.find((one: { name: string }) => one.name === "Google")).toMatchObject({
    state: "open",
    whatToDo: [expect.stringContaining("turn GoogleOAuth on"), expect.anything(), expect.anything()],
  });
  const report = await runCli(["report", "--out", "report"], folder, settings);
  expect(report.code).toBe(0);
  const handOff = readFileSync(join(folder, "report", "handoff.md"), "utf8");
  expect(handOff).toContain("- [ ] Set up Google before everyone comes: the steps stand below.");
  expect(handOff).not.toMatch(/^### Google$[^#]*They sign in by e-mail/m);
});
