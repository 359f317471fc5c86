import { expect, test } from "vitest";
import { runCli, startCli } from "./cli.ts";
import { PLACED, startGateRig } from "./gate-rig.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration } from "./rig.ts";

test("gives the link of the provider's organization, where that is forced", async () => {
  const { file, folder, settings, workos } = await startGateRig();
  workos.setOptions({ connectionsApi: false });
  const portal = (...words: string[]) => runCli(["credentials", "portal", ...words], folder, settings);
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("AcmeSAML: connection_missing");
  await run.printed("`./spillway credentials portal AcmeSAML`");

  expectRefusal(await portal("AcmeSAML"), /^The link is shown at a terminal only; add --force/);
  const { code, stdout, stderr } = await portal("AcmeSAML", "--force");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^https:\/\/setup\.workos\.com\/\?token=[\w-]+\nIt is good for a short time, .*\n$/);
  expect(code).toBe(0);
  const asked = workos.journal.entries.filter(({ operation }) => operation === "generatePortalLink");
  expect(asked.map(({ key }) => key)).toEqual(["acme"]);

  workos.faults.add({
    match: { operation: "generatePortalLink" },
    times: 1,
    effect: { kind: "status", status: 404, body: { code: "entity_not_found", message: "Not found." } },
  });
  expectRefusal(
    await portal("AcmeSAML", "--force"),
    /^WorkOS gives no link for the organization "acme" \(\w+\)/,
  );
  workos.setOptions({ key: "sk_test_other" });
  expectRefusal(await portal("AcmeSAML", "--force"), /^WorkOS refuses the API key/);
});

test("tells why a provider has no link", async () => {
  const { Microsoft: _, ...others } = PLACED.providers;
  const providers = { ...others, LoginWithAmazon: { skip: "turned off" } };
  const { file, folder, settings } = await startGateRig(0, { dryRun: true, providers });
  const portal = (name: string) => runCli(["credentials", "portal", name, "--force"], folder, settings);
  expect((await runCli(["migrate", file], folder, settings)).code).toBe(0);
  expectRefusal(await portal("Gogle"), /has no identity provider "Gogle"; it has: AcmeSAML, CorpOIDC, /);
  expectRefusal(
    await portal("Google"),
    /^The provider Google has no connection; a person sets it up at https/,
  );
  expectRefusal(await portal("Facebook"), /no counterpart for the provider Facebook\./);
  expectRefusal(await portal("LoginWithAmazon"), /leaves the provider LoginWithAmazon behind \(turned off\)/);
  expectRefusal(await portal("Microsoft"), /^The provider Microsoft has no organization; name one/);
  expectRefusal(await portal("CorpOIDC"), /^The organization "corp" is not made yet/);
});

test("needs a run that has read the pool", async () => {
  const rig = await startGateRig();
  const portal = () => runCli(["credentials", "portal", "AcmeSAML", "--force"], rig.folder, rig.settings);
  expectRefusal(await portal(), /^There is no ledger at/);
  await addMigration(rig, rig.workos.clientId);
  expectRefusal(await portal(), /^No run has read the set-up of the pool eu-west-1_\w+ yet/);
  rig.settings.WORKOS_CLIENT_ID = "client_other";
  expectRefusal(
    await portal(),
    /^The migration went to the environment client_01DOUBLE\w+, and the settings/,
  );
});
