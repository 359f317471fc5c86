import { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import type { Context, Hono } from "hono";
import { z } from "zod";
import type { UserRecord } from "../domain/records.ts";
import { begin } from "../ledger/bridge.ts";
import { noteProven } from "../ledger/proofs.ts";
import { answerInTime, type Question } from "./answer-in-time.ts";
import { answerOf } from "./answers.ts";
import { clientFields, credentialsOf, email, password, readBody } from "./body.ts";
import { type BridgeContext, ended, refuseBody, send } from "./context.ts";
import type { Credentials } from "./deps.ts";
import { isShownAtOnce } from "./outcomes.ts";
import { type Proven, type ProveOutcome, prove } from "./prove.ts";

/** Contracts of destinations that ask whether a password is Cognito's, and keep it themselves. */

/** FusionAuth waits a second at most ("Generic Connector"). */
const CONNECTOR_TIMEOUT_MS = 900;

const connectorBody = z
  // FusionAuth sends what it knows of the sign-in beside these. One that is no address keeps nobody out.
  .object({ loginId: email, password, ipAddress: clientFields.ip_address.catch(undefined) })
  .transform(({ loginId, ipAddress, ...body }) => ({ ...body, email: loginId, ip_address: ipAddress }));
const hookBody = z
  .strictObject({ identifier: email, password })
  .transform((body) => ({ email: body.identifier, password: body.password }));
const verifyBody = z.strictObject({ email, password, ...clientFields });

/** FusionAuth, "Generic Connector": 200 with the user, or 404; whatever is no answer is 5xx, never a 404. */
export function addFusionauth(app: Hono, bridge: BridgeContext): void {
  app.post("/fusionauth/connector", async (context) => {
    const read = readBody(connectorBody, await context.req.text());
    if (!read.ok) return refuseBody(context, bridge, read.error);
    const credentials = credentialsOf(read.value);
    const outcome = await proven(bridge, "fusionauth", credentials, {
      isShownAtOnce: isProven,
      timeoutMs: CONNECTOR_TIMEOUT_MS,
    });
    if (outcome.kind === "proven")
      return answered(bridge, context, outcome, { user: fusionauthUser(outcome.record) });
    if (outcome.kind === "throttled" || outcome.kind === "outage")
      return send(context, { ...answerOf(outcome), status: 503 });
    return context.json({}, 404);
  });
}

/** Ory Kratos, "Password migration hook", which Avnology's follows: 200 with `password_match`, or 403. */
export function addPasswordHook(app: Hono, bridge: BridgeContext): void {
  app.post("/password-hook", async (context) => {
    const read = readBody(hookBody, await context.req.text());
    if (!read.ok) return refuseBody(context, bridge, read.error);
    const outcome = await proven(bridge, "password-hook", credentialsOf(read.value), {
      isShownAtOnce: isProven,
    });
    if (outcome.kind === "proven") return answered(bridge, context, outcome, { status: "password_match" });
    return isNoAnswer(outcome) ? send(context, answerOf(outcome)) : context.json({}, 403);
  });
}

/** Descope, "Generic HTTP connector" in a flow: 200 with the user, else what to show. */
export function addDescope(app: Hono, bridge: BridgeContext): void {
  app.post("/descope/verify", async (context) => {
    const read = readBody(verifyBody, await context.req.text());
    if (!read.ok) return refuseBody(context, bridge, read.error);
    const outcome = await proven(bridge, "descope", credentialsOf(read.value), { isShownAtOnce });
    if (outcome.kind === "proven")
      return answered(bridge, context, outcome, { user: descopeUser(outcome.record) });
    return send(context, answerOf(outcome));
  });
}

/** Where every refusal reads the same: what comes at once besides would tell that the password was right. */
function isProven({ kind }: ProveOutcome): boolean {
  return kind === "proven";
}

async function proven(
  bridge: BridgeContext,
  route: string,
  credentials: Credentials,
  patience: Pick<Question<ProveOutcome>, "isShownAtOnce" | "timeoutMs">,
): Promise<ProveOutcome> {
  const beganAtMs = performance.now();
  const outcome = await answerInTime<ProveOutcome>(bridge, {
    door: "signIn",
    email: credentials.email,
    ipAddress: credentials.client.ipAddress,
    work: (deps) => prove(deps, credentials),
    ...patience,
  });
  ended(bridge, route, outcome, beganAtMs);
  return outcome;
}

/** A proof counts once its answer is out: what somebody does not hear who has gone away, no destination keeps. */
async function answered(
  { afterAnswers, deps }: BridgeContext,
  context: Context,
  { record, migrationId }: Proven,
  body: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const outgoing: unknown = context.env?.outgoing;
  const response = outgoing instanceof ServerResponse ? outgoing : null;
  const isOut = response === null ? Promise.resolve(true) : isWritten(response);
  const isBegun = afterAnswers.start(async () => {
    // These destinations know people by our key.
    if (await isOut)
      await begin(deps.ledger, migrationId, (tx) => noteProven(tx, migrationId, record.externalId));
  });
  if (!isBegun) deps.onTrouble("proof_not_noted");
  // Without a connection of its own, a function stands still once it has answered.
  if (response === null) await afterAnswers.idle();
  return context.json(body);
}

/** False where the caller went away before. */
function isWritten(response: ServerResponse): Promise<boolean> {
  return finished(response).then(
    () => true,
    () => false,
  );
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
