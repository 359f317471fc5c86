import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { ConnectionRecord, SamlProtocol } from "../../src/destinations/credentials.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { setUp, type Tries } from "./workos-setup.ts";

const SECRET = "s3cret-of-the-provider";
const OIDC = {
  kind: "oidc",
  issuer: "https://login.example.com/",
  clientId: "spillway",
  clientSecret: new Secret(SECRET),
} as const;
const SAML: SamlProtocol = {
  kind: "saml",
  metadataUrl: "https://idp.example.com/metadata",
  manual: null,
  spEntityId: null,
  claims: {},
};
const MANUAL = { entityId: "urn:idp", ssoUrl: "https://idp.example.com/sso", signingCertificates: ["QUJD"] };
const PEM = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----";

async function setUpConnections(options: GivenOptions = {}) {
  const setup = await setUp(options);
  const organization = { externalId: "acme", name: "Acme", verifiedDomains: [] };
  const sent = await setup.send(setup.workos.organizations, organization);
  if (sent.kind !== "created") throw new Error(sent.kind);
  const organizationId = sent.destinationId;
  setup.verbs.length = 0;
  const send = (
    protocol: ConnectionRecord["protocol"] = OIDC,
    fields: Partial<Tries> = {},
    record: Partial<ConnectionRecord> = {},
  ) =>
    setup.send(
      setup.workos.connections,
      { externalId: "cognito:Okta", name: "Okta", organizationId, protocol, ...record },
      fields,
    );
  return { ...setup, organizationId, send };
}

const onCreate = (effect: FaultEffect) => ({ match: { operation: "createConnection" }, times: 1, effect });

test("creates an OIDC connection from its issuer", async () => {
  const { double, send, organizationId, verbs } = await setUpConnections();
  const outcome = await send();
  const [made] = double.state().connections;
  expect(outcome).toEqual({ kind: "created", destinationId: made?.id });
  expect(made).toMatchObject({
    organization_id: organizationId,
    name: "Okta",
    external_id: "cognito:Okta",
    oidc_options: {
      discovery_endpoint: "https://login.example.com/.well-known/openid-configuration",
      client_id: "spillway",
      client_secret: SECRET,
    },
    saml_options: null,
    attribute_maps: null,
  });
  expect(verbs).toEqual(["write"]);
});

test.each<{ protocol: Partial<SamlProtocol>; options: object; maps: object | null }>([
  { protocol: {}, options: { idp_metadata_url: SAML.metadataUrl }, maps: null },
  {
    protocol: { metadataUrl: null, manual: MANUAL, spEntityId: "urn:amazon:cognito:sp:eu-1_x" },
    options: {
      idp_entity_id: "urn:idp",
      idp_sso_url: MANUAL.ssoUrl,
      idp_signing_certs: [PEM],
      sp_entity_id: "urn:amazon:cognito:sp:eu-1_x",
    },
    maps: null,
  },
  {
    protocol: { metadataUrl: null, manual: { ...MANUAL, signingCertificates: [`${PEM}\n`] } },
    options: { idp_entity_id: "urn:idp", idp_sso_url: MANUAL.ssoUrl, idp_signing_certs: [PEM] },
    maps: null,
  },
  {
    protocol: { manual: MANUAL, claims: { email: "mail", lastName: "sn" } },
    options: { idp_metadata_url: SAML.metadataUrl },
    maps: { standard_attributes: { email: "mail", last_name: "sn" } },
  },
])("creates a SAML connection: $options $maps", async ({ protocol, options, maps }) => {
  const { double, send } = await setUpConnections();
  expect(await send({ ...SAML, ...protocol })).toMatchObject({ kind: "created" });
  expect(double.state().connections).toMatchObject([
    { saml_options: options, oidc_options: null, attribute_maps: maps },
  ]);
});

test("a certificate of many lines is framed in lines of 64", async () => {
  const { double, send } = await setUpConnections();
  const signingCertificates = [`${"A".repeat(76)}\r\n${"A".repeat(20)}`];
  await send({ ...SAML, metadataUrl: null, manual: { ...MANUAL, signingCertificates } });
  const lines = ["-----BEGIN CERTIFICATE-----", "A".repeat(64), "A".repeat(32), "-----END CERTIFICATE-----"];
  expect(double.state().connections).toMatchObject([
    { saml_options: { idp_signing_certs: [lines.join("\n")] } },
  ]);
});

test("SAML without metadata is refused before any call", async () => {
  const { send, verbs } = await setUpConnections();
  expect(await send({ ...SAML, metadataUrl: null })).toMatchObject({
    kind: "rejected",
    code: "saml_settings_missing",
  });
  expect(verbs).toEqual([]);
});

test.each<FaultEffect>([{ kind: "status_after_effect", status: 500 }, { kind: "reset_after_effect" }])(
  "an unclear create is simply repeated: $kind",
  async (effect) => {
    const { double, send } = await setUpConnections();
    double.faults.add(onCreate(effect));
    expect(await send()).toMatchObject({ kind: "unknown", retryAfterMs: 1_000 });
    expect(await send(OIDC, { inDoubt: true })).toMatchObject({ kind: "created" });
    expect(Object.values(double.state().createdConnections)).toEqual([1]);
  },
);

test("a connection older than the first claim is already there", async () => {
  const { send } = await setUpConnections();
  await send();
  const later = { firstClaimedAtMs: Date.now() + 6 * 60_000 };
  expect(await send(OIDC, later)).toMatchObject({ kind: "already_there" });
});

test("an environment without the API is told apart", async () => {
  const { double, send } = await setUpConnections({ connectionsApi: false });
  expect(await send()).toEqual({ kind: "skipped", reason: "no_api" });
  expect(double.state().connections).toEqual([]);
});

test("throttling and lost access have no effect", async () => {
  const { double, send } = await setUpConnections();
  const headers = { "retry-after": "7" };
  double.faults.add(onCreate({ kind: "status", status: 429, headers, body: {} }));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  double.setOptions({ key: "sk_test_rotated" });
  expect(await send()).toEqual({ kind: "access_lost", code: "unauthorized" });
});

test("no outcome repeats the secret", async () => {
  const { double, send } = await setUpConnections();
  const body = { code: "invalid_options", message: `client_secret ${SECRET} is wrong` };
  double.faults.add(onCreate({ kind: "status", status: 400, body }));
  const outcome = await send();
  expect(outcome).toEqual({
    kind: "rejected",
    code: "invalid_options",
    message: "WorkOS's own words quote the client secret, so they are not kept.",
  });
  expect(inspect(outcome)).not.toContain(SECRET);
});

test("lists every connection of an organization", async () => {
  const { double, workos, organizationId, calls } = await setUpConnections();
  const ids = Array.from(
    { length: 101 },
    (_, at) => double.addConnection({ organization_id: organizationId, name: `n${at}` }).id,
  );
  expect(await workos.connections.list(organizationId)).toEqual({ ok: true, value: ids });
  expect(calls().filter((call) => call === "listConnections 200")).toHaveLength(2);
  expect(await workos.connections.list("org_nowhere")).toEqual({ ok: true, value: [] });
});

test("a portal link belongs to its organization", async () => {
  const { double, workos, organizationId } = await setUpConnections();
  expect(await workos.connections.portalLink(organizationId)).toEqual({
    ok: true,
    value: expect.stringMatching(/^https:\/\/setup\.workos\.com\/\?token=./),
  });
  expect(await workos.connections.portalLink("org_nowhere")).toEqual({
    ok: false,
    problem: "refused",
    code: "absent",
  });
  double.setOptions({ key: "sk_test_rotated" });
  expect(await workos.connections.portalLink(organizationId)).toMatchObject({ problem: "access_lost" });
});
