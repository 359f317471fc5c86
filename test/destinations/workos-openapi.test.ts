import { expect, onTestFinished, test } from "vitest";
import { createWorkos } from "../../src/destinations/workos/workos.ts";
import { startWorkosDouble } from "../doubles/workos/double.ts";
import { OpenApi } from "./openapi.ts";
import { type Exchange, startRecordingProxy } from "./recording-proxy.ts";
import { recordOf, requestOf } from "./workos-setup.ts";

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
  const workos = createWorkos({ apiKey: key, clientId, apiUrl: proxy.url });
  const importOne = (fields: Parameters<typeof recordOf>[0], request: Parameters<typeof requestOf>[0] = {}) =>
    workos.importUser(
      requestOf({ record: recordOf(fields), ...request }),
      async () => {},
      new AbortController().signal,
    );

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
  await workos.findUser("nobody");
  const first = await workos.listUsers(null);
  const someone = first.ok ? (first.value.users[0]?.id ?? "") : "";
  await workos.listUsers(someone);
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
