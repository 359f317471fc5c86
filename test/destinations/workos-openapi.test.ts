import { expect, onTestFinished, test } from "vitest";
import type { ApplicationRecord } from "../../src/destinations/credentials.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { type Outcome, type Sender, sendOne } from "../../src/destinations/sending.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import { OpenApi } from "./openapi.ts";
import { type Exchange, startRecordingProxy } from "./recording-proxy.ts";
import { bringHome, startSignInPages } from "./sign-in-pages.ts";
import { AT_ONCE, connect, itemOf, listUsers, recordOf, requestOf } from "./workos-setup.ts";

/**
 * The adapter's requests and the double's answers against WorkOS's own OpenAPI document:
 * WORKOS_OPENAPI=<path of the YAML file of workos/openapi-spec>.
 */
const documentPath = process.env.WORKOS_OPENAPI ?? "";
if (documentPath === "") console.log("WORKOS_OPENAPI is not set: no comparison with WorkOS's document.");

/** What the document leaves out. May only shrink: a gap that does not show any more fails the test. */
const KNOWN_GAPS = [
  // The document has no answers for a wrong key, a missing right and throttling.
  "POST /user_management/users 401: not in the document",
  "POST /user_management/users 403: not in the document",
  "GET /user_management/users 403: not in the document",
  "POST /user_management/users 429: not in the document",
  // Emulators answer so.
  "POST /user_management/users 409: not in the document",
];

test.skipIf(documentPath === "")("adapter and double keep to WorkOS's document", async () => {
  const openApi = new OpenApi(documentPath);
  const { byAdapter, byHand } = await recordedCalls();
  expect([...new Set(byAdapter.flatMap((exchange) => openApi.requestProblems(exchange)))]).toEqual([]);
  const gaps = [...byAdapter, ...byHand].flatMap((exchange) => openApi.answerProblems(exchange));
  expect([...new Set(gaps)].sort()).toEqual([...KNOWN_GAPS].sort());
});

test.skipIf(documentPath === "")("fields unknown to the document are reported", () => {
  const openApi = new OpenApi(documentPath);
  const exchange: Exchange = {
    method: "POST",
    path: "/user_management/users",
    query: { dry_run: "true" },
    request: { email: "ada@example.com", emailVerified: true },
    status: 404,
    answer: { message: "m", extra: 1 },
  };
  expect(openApi.requestProblems(exchange)).toEqual([
    expect.stringContaining("must NOT have additional properties"),
    expect.stringContaining("must NOT have unevaluated properties emailVerified"),
  ]);
  expect(openApi.answerProblems(exchange)).toEqual([expect.stringContaining("unevaluated properties extra")]);
});

/** Every kind of call that the adapter makes, then what a client could do wrong. */
async function recordedCalls(): Promise<{ byAdapter: Exchange[]; byHand: Exchange[] }> {
  const double = await startWorkosDouble();
  onTestFinished(() => double.close());
  const proxy = await startRecordingProxy(double.url);
  onTestFinished(() => proxy.close());
  const { key, clientId } = double;
  const workos = connect({ key, clientId, url: proxy.url });
  const importOne = (fields: Parameters<typeof recordOf>[0], request: Parameters<typeof requestOf>[0] = {}) =>
    importWith(workos, requestOf({ record: recordOf(fields), ...request }));

  double.seed([{ email: "old@example.com", email_verified: true, metadata: { a: "b" } }]);
  await workos.checkAccess();
  await importOne({});
  await importOne({}, { inDoubt: true });
  await importOne({ externalId: "other" });
  await importOne({
    externalId: "bare",
    email: "bare@example.com",
    firstName: null,
    lastName: null,
    metadata: {},
  });
  await importOne(
    { externalId: "old", email: "old@example.com" },
    { onExisting: "adopt", beforeAdopt: async () => {} },
  );
  await workos.users.find("nobody");
  await workos.users.findById?.("user_nobody");
  const first = await listUsers(workos, null);
  const someone = first.ok ? (first.value.users[0]?.id ?? "") : "";
  await listUsers(workos, someone);
  double.setOptions({ duplicateStyle: "conflict409" });
  await importOne({});
  double.setOptions({ limitScale: 1e-9 });
  await importOne({ externalId: "late", email: "late@example.com" });
  double.setOptions({ forbidden: true });
  await importOne({});
  double.setOptions({ key: "sk_test_rotated" });
  await importOne({});
  double.setOptions({ key, forbidden: false, unlimited: true, duplicateStyle: "creation_error" });
  const adapterCalls = proxy.exchanges.length;

  const users = `${proxy.url}/user_management/users`;
  const send = async (method: string, url: string, body?: unknown) => {
    const init = { method, headers: { authorization: `Bearer ${key}` } };
    await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  };
  await send("POST", users, { email: "nonsense" });
  await send("POST", users, { email: "x@example.com", metadata: { k: "é" } });
  await send("POST", users, { email: "x@example.com", unknown: 1 });
  await send("GET", `${users}/user_nobody`);
  await send("GET", `${users}/${someone}`);
  await send("GET", `${users}?limit=101`);
  await send("GET", `${users}?after=user_nobody`);
  await send("PUT", `${users}/${someone}`, { metadata: { plan: null }, locale: "en-US" });
  await send("PUT", `${users}/${someone}`, { email: "old@example.com" });
  await send("PUT", `${users}/${someone}`, { email: "nonsense" });
  await send("PUT", `${users}/${someone}`, { external_id: "old" });
  await send("PUT", `${users}/${someone}`, { metadata: { k: "é" } });
  await send("PUT", `${users}/${someone}`, { unknown: 1 });
  await send("DELETE", `${users}/${someone}`);
  await send("DELETE", `${users}/${someone}`);
  return { byAdapter: proxy.exchanges.slice(0, adapterCalls), byHand: proxy.exchanges.slice(adapterCalls) };
}

/** What the document leaves out of structure and credentials. May only shrink, as above. */
const KNOWN_STRUCTURE_GAPS = [
  // WorkOS docs, "Create a Connection": newer than the document.
  "POST /connections: not in the document",
];

test.skipIf(documentPath === "")("structure and credentials keep to WorkOS's document", async () => {
  const openApi = new OpenApi(documentPath);
  const exchanges = await structureCalls();
  const problems = exchanges.flatMap((exchange) => [
    ...openApi.requestProblems(exchange),
    ...openApi.answerProblems(exchange),
  ]);
  expect([...new Set(problems)].sort()).toEqual(KNOWN_STRUCTURE_GAPS);
});

/** Every kind of call of structure and credentials; what is there already is sent twice. */
async function structureCalls(): Promise<Exchange[]> {
  const double = await startWorkosDouble({ options: { multipleRoles: true } });
  onTestFinished(() => double.close());
  const proxy = await startRecordingProxy(double.url);
  onTestFinished(() => proxy.close());
  const workos = connect({ key: double.key, clientId: double.clientId, url: proxy.url });
  const organizationId = await sendStructure(workos, double);
  await sendSignIns(workos, double, organizationId);
  await sendApplications(workos, double, organizationId);
  return proxy.exchanges;
}

/** Returns the id of an organization. */
async function sendStructure(
  { organizations, roles, memberships }: Destination,
  double: WorkosDouble,
): Promise<string> {
  const acme = { externalId: "acme", name: "Acme", verifiedDomains: ["acme.example.com"] };
  const organizationId = idOf(await send(organizations, acme, true));
  await send(organizations, acme);
  await send(organizations, { externalId: "plain", name: "Plain", verifiedDomains: [] });
  for (const slug of ["editor", "admin", "editor"])
    await send(roles, { slug, name: slug, description: "Does it.", permissions: ["posts:read"] });
  await organizations.holdings?.list?.(null);
  await organizations.holdings?.find(organizationId, AT_ONCE.read);
  await roles.holdings?.list?.(null);
  await roles.holdings?.find("editor", AT_ONCE.read);
  const users = double.seed(["a", "b", "c"].map((name) => ({ email: `${name}@example.com` })));
  const slugs = [[], ["editor"], ["editor", "admin"]];
  for (const [at, user] of users.entries())
    await send(memberships, { userId: user.id, organizationId, roles: slugs[at] ?? [] }, true);
  await send(memberships, { userId: "user_nobody", organizationId, roles: [] }, true);
  return organizationId;
}

async function sendSignIns(
  { connections, redirectUris }: Destination,
  double: WorkosDouble,
  organizationId: string,
): Promise<void> {
  for (const uri of ["https://a.example.com/", "https://a.example.com/"]) await send(redirectUris, { uri });
  const pages = await startSignInPages();
  const client = { issuer: pages.url, clientId: "c" };
  const protocol = { kind: "oidc", ...client, clientSecret: new Secret("s") } as const;
  const record = { externalId: "idp", name: "Idp", organizationId, protocol };
  const connection = await send(connections, record);
  await connections.list(organizationId);
  await connections.holdings?.find(idOf(connection), AT_ONCE.read);
  await redirectUris.holdings?.list?.(null);
  await redirectUris.holdings?.find("redir_none", AT_ONCE.read);
  await connections.portalLink(organizationId);
  bringHome(["accounts.google.com"], pages.url);
  double.configureProvider({ provider: "GoogleOAuth", clientId: "g" });
  await connections.check({ kind: "dashboard", provider: "GoogleOAuth", clientId: "g" });
  await connections.check({ kind: "oidc", connectionId: idOf(connection), ...client });
}

async function sendApplications(
  { applications }: Destination,
  { stores }: WorkosDouble,
  organizationId: string,
): Promise<void> {
  await send(applications, { key: "m", name: "M", scopes: [], kind: "m2m", organizationId });
  const record: ApplicationRecord = {
    key: "k",
    name: "K",
    scopes: ["openid"],
    kind: "oauth",
    redirectUris: ["https://a.example.com/"],
    defaultRedirectUri: null,
    usesPkce: true,
  };
  const id = idOf(await send(applications, record));
  const made = stores.applications.byId.get(id);
  if (made === undefined) throw new Error("The application was not made.");
  stores.applications.add({ ...made, ...stores.applications.stamp(), client_id: "client_twin" });
  await send(applications, record);
  await applications.find(id);
  await applications.holdings?.list?.(null);
  await applications.holdings?.find(id, AT_ONCE.read);
  const secret = await applications.newSecret(id);
  await applications.listSecrets(id);
  if (secret.ok) for (let time = 0; time < 2; time += 1) await applications.removeSecret(secret.value.id);
}

/** What the document leaves out of resets. May only shrink, as above. */
const KNOWN_RESET_GAPS = [
  // The document has no answers for a wrong key.
  "GET /events 401: not in the document",
  "POST /user_management/password_reset 401: not in the document",
];

test.skipIf(documentPath === "")("password resets keep to WorkOS's document", async () => {
  const openApi = new OpenApi(documentPath);
  const exchanges = await resetCalls();
  const problems = exchanges.flatMap((exchange) => [
    ...openApi.requestProblems(exchange),
    ...openApi.answerProblems(exchange),
  ]);
  expect([...new Set(problems)].sort()).toEqual(KNOWN_RESET_GAPS);
});

/** A mail and the list of mails, with every answer that the double has for them. */
async function resetCalls(): Promise<Exchange[]> {
  const double = await startWorkosDouble();
  onTestFinished(() => double.close());
  const proxy = await startRecordingProxy(double.url);
  onTestFinished(() => proxy.close());
  const { key, clientId } = double;
  const { resets } = connect({ key, clientId, url: proxy.url });
  const addresses = ["a@example.com", "b@example.com"];
  double.seed(addresses.map((email) => ({ email })));
  for (const email of [...addresses, "nobody@example.com"]) await resets.send(email);
  const first = await resets.sentSince(Date.now() - 60_000, null);
  const [cursor = ""] = double.stores.events.byId.keys();
  await resets.sentSince(0, cursor);
  expect(first).toMatchObject({ ok: true, value: { mails: [{}, {}] } });
  for (const passwordResets of ["not_allowed", "email_password_auth_disabled"] as const) {
    double.setOptions({ passwordResets });
    await resets.send("a@example.com");
  }
  double.setOptions({ passwordResets: "allowed", dailyResets: 0 });
  await resets.send("a@example.com");
  double.setOptions({ key: "sk_test_rotated" });
  await resets.send("a@example.com");
  await resets.sentSince(0, null);
  return proxy.exchanges;
}

function send<Record>(sender: Sender<Record>, record: Record, inDoubt = false): Promise<Outcome> {
  return sendOne(sender, itemOf(record, { inDoubt }), AT_ONCE);
}

function importWith({ users }: Destination, { record: user, ...request }: ReturnType<typeof requestOf>) {
  return sendOne(users, itemOf({ user, ...request }, request), AT_ONCE);
}

function idOf(outcome: Outcome): string {
  if (!("destinationId" in outcome)) throw new Error(`Nothing was made: ${outcome.kind}.`);
  return outcome.destinationId;
}
