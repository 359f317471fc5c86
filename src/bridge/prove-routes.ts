import type { Hono } from "hono";
import { z } from "zod";
import type { UserRecord } from "../domain/records.ts";
import { answerOf } from "./answers.ts";
import { clientFields, credentialsOf, email, password, readBody } from "./body.ts";
import { type BridgeContext, ended, REQUEST_TIMEOUT_MS, send, waitMs, within } from "./context.ts";
import type { Credentials } from "./deps.ts";
import { outage } from "./outcomes.ts";
import { type ProveOutcome, prove } from "./prove.ts";

/** Contracts of destinations that ask whether a password is Cognito's, and keep it themselves. */

/** FusionAuth waits a second at most ("Generic Connector"). */
const CONNECTOR_TIMEOUT_MS = 900;

const connectorBody = z
  .object({ loginId: email, password })
  // FusionAuth sends what it knows of the sign-in beside these.
  .transform((body) => ({ email: body.loginId, password: body.password }));
const hookBody = z
  .strictObject({ identifier: email, password })
  .transform((body) => ({ email: body.identifier, password: body.password }));
const verifyBody = z.strictObject({ email, password, ...clientFields });

/** FusionAuth, "Generic Connector": 200 with the user, or 404; whatever is no answer is 5xx, never a 404. */
export function addFusionauth(app: Hono, bridge: BridgeContext): void {
  app.post("/fusionauth/connector", async (context) => {
    const read = readBody(connectorBody, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const credentials = credentialsOf(read.value);
    const outcome = await proven(bridge, "fusionauth", credentials, CONNECTOR_TIMEOUT_MS);
    if (outcome.kind === "proven") return context.json({ user: fusionauthUser(outcome.record) });
    if (outcome.kind === "throttled" || outcome.kind === "outage")
      return send(context, { ...answerOf(outcome), status: 503 });
    return context.json({}, 404);
  });
}

/** Ory Kratos, "Password migration hook", which Avnology's follows: 200 with `password_match`, or 403. */
export function addPasswordHook(app: Hono, bridge: BridgeContext): void {
  app.post("/password-hook", async (context) => {
    const read = readBody(hookBody, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const outcome = await proven(bridge, "password-hook", credentialsOf(read.value));
    if (outcome.kind === "proven") return context.json({ status: "password_match" });
    return isNoAnswer(outcome) ? send(context, answerOf(outcome)) : context.json({}, 403);
  });
}

/** Descope, "Generic HTTP connector" in a flow: 200 with the user, else what to show. */
export function addDescope(app: Hono, bridge: BridgeContext): void {
  app.post("/descope/verify", async (context) => {
    const read = readBody(verifyBody, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const outcome = await proven(bridge, "descope", credentialsOf(read.value));
    if (outcome.kind === "proven") return context.json({ user: descopeUser(outcome.record) });
    return send(context, answerOf(outcome));
  });
}

async function proven(
  bridge: BridgeContext,
  route: string,
  credentials: Credentials,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<ProveOutcome> {
  const beganAtMs = performance.now();
  const late = AbortSignal.timeout(timeoutMs);
  // The limits may stand in a database that is slow: who asks waits for both together.
  const outcome = await within(timeoutMs, limited(bridge, credentials, late), outage("too_slow"));
  ended(bridge, route, { ...outcome, migrated: outcome.kind === "proven" }, beganAtMs);
  return outcome;
}

async function limited(
  bridge: BridgeContext,
  credentials: Credentials,
  late: AbortSignal,
): Promise<ProveOutcome> {
  const { email, client } = credentials;
  const retryAfterMs = await waitMs(bridge, bridge.limits.account, email, client.ipAddress);
  if (retryAfterMs > 0) return { kind: "throttled", retryAfterMs };
  // Nobody hears of it any more, and Cognito counts each wrong password.
  if (late.aborted) return outage("too_slow");
  return prove(bridge.deps, credentials, late);
}

function isNoAnswer({ kind }: { kind: string }): boolean {
  return kind === "throttled" || kind === "outage";
}

/** FusionAuth API, "User": its id may be Cognito's, both are UUIDs. */
function fusionauthUser(record: UserRecord) {
  return {
    id: record.externalId,
    email: record.email,
    verified: record.emailVerified,
    active: true,
    ...(record.firstName === null ? {} : { firstName: record.firstName }),
    ...(record.lastName === null ? {} : { lastName: record.lastName }),
    data: { ...record.metadata, importSource: "cognito" },
  };
}

/** Descope API, "Create user": its own names. */
function descopeUser(record: UserRecord) {
  return {
    loginId: record.email,
    email: record.email,
    verifiedEmail: record.emailVerified,
    ...(record.firstName === null ? {} : { givenName: record.firstName }),
    ...(record.lastName === null ? {} : { familyName: record.lastName }),
    customAttributes: { ...record.metadata, cognitoSub: record.externalId },
  };
}
