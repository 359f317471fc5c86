import { Hono, type HonoRequest } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { SignInContract } from "../domain/sign-in-contracts.ts";
import { LedgerError } from "../ledger/errors.ts";
import { findMigration, isPurged } from "../ledger/runs.ts";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, whyNotCaller } from "./caller.ts";
import { type BridgeContext, refuse } from "./context.ts";
import { addForgotPassword } from "./forgot-route.ts";
import { addDescope, addFusionauth, addPasswordHook } from "./prove-routes.ts";
import { addSignIn } from "./sign-in-route.ts";
import { within } from "./within.ts";

/** Two long addresses and a password do not come near it. */
const BODY_MAX_BYTES = 8 * 1_024;

/** Whoever asks does not wait long. */
const READY_TIMEOUT_MS = 1_000;

const NO_MIGRATION = "no_migration";

const CONTRACTS: Readonly<Record<SignInContract, (app: Hono, bridge: BridgeContext) => void>> = {
  "sign-in"(app, bridge) {
    addSignIn(app, bridge);
    addForgotPassword(app, bridge);
  },
  fusionauth: addFusionauth,
  "password-hook": addPasswordHook,
  descope: addDescope,
};

/** The bridge over HTTP. Every refusal is JSON with one word; nothing of a request is repeated in it. */
export function createApp(bridge: BridgeContext, routes: readonly SignInContract[]): Hono {
  const app = new Hono();
  if (!bridge.isPublic) addOperations(app, bridge);
  const limited = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: (context) => refuse(context, bridge, { status: 413, code: "body_too_large" }),
  });
  app.use(async (context, next) => {
    try {
      // A look at the body makes a stream of it, which costs more than the rest of a request.
      const refusal = isSaidShort(context.req) ? undefined : await limited(context, nothing);
      if (refusal !== undefined) return refusal;
      await context.req.text();
    } catch {
      // Whoever sent it has gone, or took too long: nobody hears an answer, and nobody has to hear of it.
      bridge.metrics.brokenOff();
      return context.json({ error: "body_broken_off" }, 400);
    }
    return next();
  });
  app.use(async (context, next) => {
    const { req } = context;
    const code = await whyNotCaller(
      {
        authorization: req.header("authorization"),
        signature: req.header(SIGNATURE_HEADER),
        timestamp: req.header(TIMESTAMP_HEADER),
        method: req.method,
        path: req.path,
        body: await req.text(),
      },
      bridge.secrets,
      bridge.limits.signature,
    );
    // Which of them it was, strangers do not hear.
    if (code !== null)
      return refuse(context, bridge, { status: 401, code, body: { error: "unauthorized_caller" } });
    const type = req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (req.method === "POST" && type !== "application/json")
      return refuse(context, bridge, { status: 415, code: "not_json" });
    // A session must not stay in any cache on the way.
    context.header("cache-control", "no-store");
    return next();
  });
  if (bridge.isPublic) addOperations(app, bridge);
  for (const route of routes) CONTRACTS[route](app, bridge);
  app.notFound((context) => refuse(context, bridge, { status: 404, code: "not_found" }));
  app.onError((error, context) => {
    if (error instanceof LedgerError) {
      bridge.deps.onTrouble(error.problem);
      return context.json({ outcome: "outage", show: "later" }, 503);
    }
    // Its message may quote what somebody typed.
    bridge.logger.error({ error: error.name }, "request failed");
    bridge.metrics.trouble("unexpected");
    return context.json({ outcome: "outage", show: "later" }, 500);
  });
  return app;
}

async function nothing(): Promise<void> {}

/** By the header that the body is as long as. */
function isSaidShort(req: HonoRequest): boolean {
  const length = req.header("content-length");
  if (length === undefined || req.header("transfer-encoding") !== undefined) return false;
  return Number(length) <= BODY_MAX_BYTES;
}

/** They tell counts, and with them what is behind a refusal: to anybody only where strangers do not reach the address. */
function addOperations(app: Hono, { metrics, deps, client, access }: BridgeContext): void {
  app.get("/healthz", (context) => context.json({ alive: true }));
  /**
   * Ready also where ledger or vendor do not answer: people who were moved sign in without the ledger, and every instance
   * would be taken away at once. Not so where nobody else is signed in until an operator mends what the words say.
   */
  app.get("/readyz", async (context) => {
    const asked = deps.ledger
      .read((db) => findMigration(db, deps.migration))
      .then(
        (migration) => {
          if (migration === undefined) return NO_MIGRATION;
          return isPurged(migration) ? "purged" : "open";
        },
        () => "no_answer",
      );
    const [ledger] = await Promise.all([
      within(READY_TIMEOUT_MS, () => asked, "no_answer"),
      within(READY_TIMEOUT_MS, () => access.look(), undefined),
    ]);
    const ready = !client.isUnable && !access.isRefused && ledger !== NO_MIGRATION;
    const words = { ledger, client: client.word, destination: access.word };
    return context.json({ ready, ...words }, ready ? 200 : 503);
  });
  app.get("/metrics", async (context) => {
    const text = await metrics.text();
    return context.text(text, 200, { "content-type": metrics.contentType });
  });
}
