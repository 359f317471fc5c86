import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LambdaContext, LambdaEvent } from "hono/aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { createHandler, type Handler } from "../../src/bridge/lambda-handler.ts";
import { readSettings } from "../../src/settings.ts";
import { freshPostgres } from "../ledger/ledgers.ts";
import { type BridgeRig, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

const answerSchema = z.object({ statusCode: z.number(), body: z.string(), isBase64Encoded: z.boolean() });
const EVENTS = ["function-url", "api-gateway-v1", "api-gateway-v2"];

function environmentOf({ workos, cognito, ledgerUrl }: BridgeRig): Record<string, string> {
  const [client] = cognito.pool.clients;
  return {
    SPILLWAY_LEDGER: ledgerUrl,
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: cognito.pool.poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: client?.id ?? "",
    SPILLWAY_BRIDGE_CLIENT_SECRET: client?.secret ?? "",
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
    WORKOS_API_URL: workos.url,
    LOG_LEVEL: "error",
  };
}

/** An event as AWS documents it ("Using Lambda with API Gateway", "Function URL payloads"), with this request in it. */
function eventOf(name: string, body: string, headers: Record<string, string>): LambdaEvent {
  const text = readFileSync(join(import.meta.dirname, "events", `${name}.json`), "utf8");
  // Written in the shapes that Hono's types describe.
  const event = JSON.parse(text) as LambdaEvent & {
    headers: Record<string, string>;
    multiValueHeaders?: Record<string, string[]>;
  };
  Object.assign(event.headers, headers);
  for (const [header, value] of Object.entries(headers))
    if (event.multiValueHeaders !== undefined) event.multiValueHeaders[header] = [value];
  event.body = event.isBase64Encoded ? Buffer.from(body).toString("base64") : body;
  return event;
}

function getOf(event: LambdaEvent, path: string): LambdaEvent {
  if ("httpMethod" in event) return { ...event, httpMethod: "GET", path };
  const { requestContext } = event as LambdaEvent & { requestContext: { http: object } };
  const http = { ...requestContext.http, method: "GET", path };
  return { ...event, rawPath: path, requestContext: { ...requestContext, http } } as LambdaEvent;
}

async function ask(handler: Handler, event: LambdaEvent) {
  // The bridge reads nothing of the context.
  const { statusCode, body, isBase64Encoded } = answerSchema.parse(await handler(event, {} as LambdaContext));
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString() : body;
  return { status: statusCode, body: JSON.parse(text) };
}

test("the same bridge answers events of function URLs and API Gateway", async () => {
  const { url: ledgerUrl } = await freshPostgres();
  const rig = await startBridge({ ledgerUrl });
  const { handler, close } = await createHandler(readSettings(environmentOf(rig)));
  onTestFinished(close);
  const authorization = `Bearer ${SECRET}`;
  for (const name of EVENTS) {
    const user = await rig.add();
    const body = (password: string) => JSON.stringify({ email: emailOf(user), password });
    expect(await ask(handler, eventOf(name, body(PASSWORD), {}))).toEqual({
      status: 401,
      body: { error: "unauthorized_caller" },
    });
    expect(await ask(handler, eventOf(name, body("Not-The-One-9"), { authorization }))).toEqual({
      status: 401,
      body: { outcome: "wrong", show: "wrong" },
    });
    expect(await ask(handler, eventOf(name, body(PASSWORD), { authorization }))).toMatchObject({
      status: 200,
      body: { outcome: "signed_in", session: { user: { external_id: user.sub } } },
    });
    const large = JSON.stringify({ email: emailOf(user), password: "x".repeat(9_000) });
    expect((await ask(handler, eventOf(name, large, { authorization }))).status).toBe(413);
  }
});

test("a function that stands still once it has answered mails first, and answers nobody sooner", async () => {
  const { url: ledgerUrl } = await freshPostgres();
  const rig = await startBridge({ ledgerUrl });
  const holdMs = 200;
  const { handler, close } = await createHandler(readSettings(environmentOf(rig)), holdMs);
  onTestFinished(close);
  const user = await rig.add();
  for (const email of [emailOf(user), "nobody@example.com"]) {
    const beganAtMs = performance.now();
    const body = JSON.stringify({ email });
    const event = eventOf("function-url", body, { authorization: `Bearer ${SECRET}` });
    const forgot = { ...event, rawPath: "/forgot-password" };
    expect(await ask(handler, forgot)).toEqual({ status: 202, body: { outcome: "accepted" } });
    // Timers count whole milliseconds.
    expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(holdMs - 1);
    expect(rig.calls().workos.filter((entry) => entry === "createPasswordReset 201")).toHaveLength(1);
  }
});

test("a function's address tells strangers nothing of operations", async () => {
  const { url: ledgerUrl } = await freshPostgres();
  const rig = await startBridge({ ledgerUrl });
  const { handler, close } = await createHandler(readSettings(environmentOf(rig)), 1);
  onTestFinished(close);
  const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
  onTestFinished(() => logged.mockRestore());
  for (const name of EVENTS)
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      const get = (body: string, headers: Record<string, string>) =>
        getOf(eventOf(name, body, headers), path);
      const withCookie = { ...get("", {}), cookies: ["session=\u20ac"] };
      expect(await ask(handler, withCookie)).toMatchObject({ status: 401 });
      // A body that comes with a GET means nothing.
      for (const body of ["", "x"]) {
        expect(await ask(handler, get(body, {}))).toMatchObject({ status: 401 });
        expect(
          await handler(get(body, { authorization: `Bearer ${SECRET}` }), {} as LambdaContext),
        ).toMatchObject({ statusCode: 200 });
      }
    }
  expect(logged).not.toHaveBeenCalled();
});

test("a Lambda function without a PostgreSQL ledger says so", async () => {
  const settings = readSettings({ SPILLWAY_LEDGER: "sqlite:spillway.db" });
  await expect(createHandler(settings)).rejects.toThrow(
    "The bridge as a Lambda function needs a PostgreSQL ledger; set SPILLWAY_LEDGER to postgres://….",
  );
});
