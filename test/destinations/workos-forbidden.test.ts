import { expect, test } from "vitest";
import type { ConnectionRecord } from "../../src/destinations/credentials.ts";
import type { Outcome } from "../../src/destinations/sending.ts";
import { recordOf, type Setup, setUp } from "./workos-setup.ts";

/** What is sent, and the create that may be forbidden. */
const KINDS: Record<string, (setup: Setup) => Promise<Outcome>> = {
  createUser: ({ importOne }) => importOne(),
  createOrganization: ({ workos, send }) =>
    send(workos.organizations, { externalId: "acme", name: "Acme", verifiedDomains: [] }),
  createRole: ({ workos, send }) =>
    send(workos.roles, { slug: "admin", name: "Admin", description: "", permissions: [] }),
  createMembership: ({ workos, send }) =>
    send(workos.memberships, { userId: "user_1", organizationId: "org_1", roles: [] }),
  createConnection: ({ workos, send }) => send(workos.connections, CONNECTION),
  createRedirectUri: ({ workos, send }) => send(workos.redirectUris, { uri: "https://app.example.com/" }),
  createApplication: ({ workos, send }) =>
    send(workos.applications, { key: "k", name: "K", scopes: [], kind: "m2m", organizationId: "org_1" }),
};
const CONNECTION: ConnectionRecord = {
  externalId: "idp",
  name: "Idp",
  organizationId: "org_1",
  protocol: {
    kind: "saml",
    metadataUrl: "https://idp.example.com/metadata",
    manual: null,
    spEntityId: null,
    claims: {},
  },
};
const MESSAGE = "You may not do this.";

const forbid = ({ double }: Setup, operation: string) =>
  double.faults.add({
    match: { operation },
    times: 1,
    effect: { kind: "status", status: 403, body: { message: MESSAGE } },
  });

test.each(Object.entries(KINDS))("%s that alone is forbidden fails its own item", async (operation, send) => {
  const setup = await setUp();
  forbid(setup, operation);
  expect(await send(setup)).toEqual({ kind: "rejected", code: "forbidden", message: MESSAGE });
  expect(setup.calls().slice(-2)).toEqual([`${operation} 403`, "listUsers 200"]);
  expect(setup.verbs.slice(-2)).toEqual(["write", "read"]);
});

test.each(Object.entries(KINDS))("%s is lost access where other calls are forbidden too", async (_, send) => {
  const setup = await setUp({ forbidden: true });
  expect(await send(setup)).toEqual({ kind: "access_lost", code: "forbidden" });
});

test.each([
  { status: 401, expected: { kind: "access_lost", code: "unauthorized" } },
  { status: 429, expected: { kind: "slow_down", retryAfterMs: 1_000 } },
  // Nobody knows: it had no effect, and is sent again.
  { status: 503, expected: { kind: "slow_down", retryAfterMs: 1_000 } },
])("a forbidden create is not judged by an answer of $status", async ({ status, expected }) => {
  const setup = await setUp();
  forbid(setup, "createUser");
  setup.double.faults.add({
    match: { operation: "listUsers" },
    times: 1,
    effect: { kind: "status", status, body: { message: "No." } },
  });
  expect(await setup.importOne()).toEqual(expected);
  expect(await setup.importOne()).toMatchObject({ kind: "created" });
});

test("a key that does not work needs no second opinion", async () => {
  const setup = await setUp();
  setup.double.setOptions({ key: "sk_test_rotated" });
  expect(await setup.importOne()).toEqual({ kind: "access_lost", code: "unauthorized" });
  expect(setup.calls()).toEqual(["createUser 401"]);
});

test("a reset mail that alone is forbidden fails its own person", async () => {
  const setup = await setUp();
  const { email } = recordOf();
  setup.double.seed([{ email }]);
  forbid(setup, "createPasswordReset");
  expect(await setup.workos.resets.send(email)).toEqual({
    kind: "rejected",
    code: "forbidden",
    message: MESSAGE,
  });
  expect(await setup.workos.resets.send(email)).toMatchObject({ kind: "sent" });
});
