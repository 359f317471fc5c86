import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { requireToken, type TokenEnv } from "../../src/tokens/hono.ts";
import { type DoubleEnv, serve } from "../doubles/shared/serve.ts";
import { inSeconds, sign } from "./issuer.ts";
import { cognitoAccess, type Rig, rig, SUB, session, USER } from "./rig.ts";

/** Asks an application behind the middleware for `/me`, over real HTTP. */
async function askMe({ verifier }: Rig, headers: Record<string, string>): Promise<Response> {
  const app = new Hono<DoubleEnv & TokenEnv>();
  app.use(requireToken(verifier));
  app.get("/me", (c) => {
    const { issuer, subject, userId } = c.get("token");
    return c.json({ issuer, subject, userId });
  });
  const outer = new Hono<DoubleEnv>().route("/", app);
  const server = await serve(outer);
  onTestFinished(() => server.close());
  return fetch(`${server.url}/me`, { headers });
}

async function bearer(claims: object, kind = session): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await sign({ ...kind.claims(), ...claims }, kind.key)}` };
}

test("a token of either issuer is let through, and the route sees whose it is", async () => {
  const made = await rig({ idMap: async () => USER });
  const old = await askMe(made, await bearer({}, cognitoAccess));
  expect(await old.json()).toEqual({ issuer: "cognito", subject: SUB, userId: USER });
  const now = await askMe(made, await bearer({}));
  expect(await now.json()).toEqual({ issuer: "workos", subject: USER, userId: USER });
});

test.each([
  { name: "no header", headers: {} },
  { name: "another scheme", headers: { authorization: "Basic am86c2VjcmV0" } },
  { name: "no token", headers: { authorization: "Bearer " } },
  { name: "two tokens", headers: { authorization: "Bearer a b" } },
])("a request with $name gets 401", async ({ headers }) => {
  const answer = await askMe(await rig(), headers);
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  expect(await answer.json()).toEqual({ code: "missing_token" });
});

test("a refused token gets 401 with the reason, and nothing of the token", async () => {
  const answer = await askMe(await rig(), await bearer({ exp: inSeconds(-60) }));
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  expect(await answer.json()).toEqual({ code: "expired" });
});

test("an outage of the keys gets 503, never 401", async () => {
  const made = await rig();
  await made.sessionKeys.stop();
  const answer = await askMe(made, await bearer({}));
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(await answer.json()).toEqual({ code: "keys_unavailable" });
});
