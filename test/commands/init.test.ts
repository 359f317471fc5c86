import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { runCli } from "./cli.ts";
import { answer, bare, FILE, rigWith, start, times, written } from "./init-rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";

/** A migration file that is asked for, written, and good for `check`. */

const { down, enter } = KEYS;

testAtTerminal("what is chosen is written, and check has nothing against it", async () => {
  const rig = await rigWith();
  const terminal = start(rig);
  await answer(terminal, "AWS region of the user pool: \\(eu-west-1\\)", enter);
  const pools = await answer(terminal, "Which user pool\\?.*select", enter);
  expect(pools).toContain(`${rig.pool.poolId} ${rig.pool.name}`);
  await answer(terminal, "What becomes an organization at WorkOS\\?.*select", down, down, enter);
  await answer(terminal, "How do the names of these groups begin\\? \\(tenant-\\)", enter);
  await answer(terminal, "Do groups become roles at WorkOS\\?.*select", down, enter);
  const roles = await answer(terminal, "Which groups\\?.*submit", " ", enter);
  expect(roles).not.toContain("tenant-");
  await answer(terminal, "Which role does a member of several groups get\\?.*select", enter);
  const acme = [down, enter];
  const google = await answer(terminal, "Identity provider Google.*select", enter);
  expect(google).toContain("Facebook (Facebook) has no counterpart at WorkOS.");
  expect(google).not.toContain("acme");
  const corp = await answer(terminal, "Identity provider CorpOIDC.*select", ...acme);
  expect(corp).toMatch(/❯ Decide later Belongs to the organization acme Belongs to the organization globex/);
  await answer(terminal, "Identity provider Microsoft.*select", ...times(3, down), enter);
  await answer(terminal, "Key of the organization:", "initech", enter);
  const saml = await answer(terminal, "Identity provider AcmeSAML.*select", ...acme);
  expect(saml).toContain("initech");
  await answer(terminal, "Identity provider SignInWithApple.*select", down, enter);
  await answer(terminal, "Why is it left behind\\?.*\\(not needed any more\\)", enter);
  await answer(terminal, "App client nightly-export, which gets tokens for itself:.*select", ...acme);
  await answer(terminal, "Are people mailed a link to set a new password\\?.*select", enter);
  const { code, text } = await terminal.ended;
  expect(code).toBe(0);
  expect(text).toContain(`./spillway check ${FILE}`);
  expect(text).toMatch(/passwordResets +Not in the file: nobody is mailed\./);
  const [machine] = rig.pool.clients.filter(({ name }) => name === "nightly-export");
  expect(written(rig)).toEqual({
    $schema: expect.stringMatching(/\/docs\/migration\.schema\.json$/),
    source: { region: "eu-west-1", userPoolId: rig.pool.poolId },
    destination: { kind: "workos" },
    organizations: { from: "group", prefix: "tenant-" },
    roles: { from: "groups", groups: { admins: null } },
    providers: {
      CorpOIDC: { organization: "acme" },
      Microsoft: { organization: "initech" },
      AcmeSAML: { organization: "acme" },
      SignInWithApple: { skip: "not needed any more" },
    },
    clients: { [machine?.id ?? ""]: { organization: "acme" } },
  });
  expect(JSON.parse(readFileSync(join(rig.folder, written(rig).$schema), "utf8"))).toHaveProperty(
    "properties",
  );
  expect(statSync(join(rig.folder, FILE)).mode & 0o777).toBe(0o644);
  const checked = await runCli(["check", FILE], rig.folder, rig.settings);
  expect(checked, checked.stdout).toMatchObject({ code: 0, stderr: "" });
});

testAtTerminal(
  "what the pool does not have is not asked about, and mails are a choice with its own questions",
  async () => {
    const rig = await rigWith(bare);
    rmSync(rig.file);
    const env = { AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "eu-west-1", ...rig.settings };
    const terminal = startAtTerminal(["init"], rig.folder, env);
    await answer(terminal, "AWS region.*\\)", enter);
    await answer(terminal, "Which user pool.*select", enter);
    const ways = await answer(terminal, "What becomes an organization.*select", ...times(2, down), enter);
    expect(ways).not.toContain("Each group");
    await answer(terminal, "Key of the organization.*:", " ", enter);
    await terminal.shown('"organizations.organization": must not be empty.');
    terminal.press("all", enter);
    await answer(terminal, "Are people mailed.*select", down, enter);
    await answer(terminal, "Who sends these mails.*select", enter);
    await answer(terminal, "How many people are mailed.*\\(3\\)", enter);
    await answer(terminal, "What of confirmed people.*select", enter);
    const { code, text } = await terminal.ended;
    expect(code).toBe(0);
    expect(text).not.toMatch(/roles at|Identity provider|App client|second factor/);
    expect(written(rig, "migration.json")).toMatchObject({
      organizations: { from: "fixed", organization: "all" },
      passwordResets: { send: true, delivery: "destination", canary: 3, unverified: "skip" },
    });
    expect((await runCli(["check", "migration.json"], rig.folder, rig.settings)).code).toBe(0);
  },
);

testAtTerminal(
  "where the pool has second factors, nobody is mailed before somebody says that this is known",
  async () => {
    const rig = await rigWith((pool) => {
      bare(pool);
      pool.mfa = "OPTIONAL";
    });
    const terminal = start(rig);
    await answer(terminal, "AWS region.*\\)", enter);
    await answer(terminal, "Which user pool.*select", enter);
    await answer(terminal, "What becomes an organization.*select", enter);
    await answer(terminal, "Are people mailed.*select", down, enter);
    await answer(terminal, "May a reset pass the second factor by\\?.*select", enter);
    expect((await terminal.ended).code).toBe(0);
    expect(Object.keys(written(rig))).toEqual(["$schema", "source", "destination"]);
  },
);

testAtTerminal("of many pools, what is typed finds one", async () => {
  const rig = await rigWith(bare);
  const otherPools = Array.from({ length: 200 }, (_, at) => ({
    poolId: `eu-west-1_other${at}`,
    name: `other ${at}`,
  }));
  rig.cognito.setOptions({ otherPools });
  const terminal = start(rig);
  await answer(terminal, "AWS region.*\\)", enter);
  await answer(terminal, "Which user pool\\?.*select", rig.pool.name);
  await terminal.shown(new RegExp(`Which user pool\\? ${rig.pool.name} ❯ ${rig.pool.poolId}`));
  terminal.press(enter);
  await answer(terminal, "What becomes an organization.*select", enter);
  await answer(terminal, "Are people mailed.*select", enter);
  expect((await terminal.ended).code).toBe(0);
  expect(written(rig).source.userPoolId).toBe(rig.pool.poolId);
});

testAtTerminal("names that act on a terminal are shown escaped, and written as they are", async () => {
  const evil = "\x1b[2J\u202e`$(x)`\u009b";
  // Cognito takes no controls in it.
  const provider = "saml\u2028`$(x)`";
  const rig = await rigWith((pool) => {
    bare(pool);
    pool.name = `pool${evil}`;
    pool.attributeNames = ["sub", `custom:${evil}`];
    pool.groups = [{ name: `group${evil}`, description: "", precedence: null, members: [] }];
    const details = { MetadataURL: "https://idp.example/m", SSORedirectBindingURI: "https://idp.example/s" };
    pool.identityProviders = [
      { name: provider, type: "SAML", details, attributeMapping: {}, identifiers: [] },
    ];
  });
  const terminal = start(rig);
  await answer(terminal, "AWS region.*\\)", enter);
  await answer(terminal, "Which user pool.*pool\\\\u001b\\[2J.*select", enter);
  await answer(terminal, "What becomes an organization.*select", down, enter);
  await answer(terminal, "Which attribute\\?.*custom:\\\\u001b\\[2J.*select", enter);
  await answer(terminal, "Do groups become roles.*select", down, enter);
  await answer(terminal, "Which groups.*group\\\\u001b\\[2J.*submit", enter);
  await answer(terminal, "Identity provider saml\\\\u2028.*select", ...times(2, down), enter);
  await answer(terminal, "Why is it left behind.*\\)", enter);
  await answer(terminal, "Are people mailed.*select", enter);
  const { code, text } = await terminal.ended;
  expect(code).toBe(0);
  expect(text).not.toMatch(/[\u2028\u202e\u009b]/);
  expect(written(rig)).toMatchObject({
    organizations: { from: "attribute", attribute: `custom:${evil}` },
    roles: { from: "groups" },
    providers: { [provider]: { skip: "not needed any more" } },
  });
});
