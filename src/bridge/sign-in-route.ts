import type { Hono } from "hono";
import { z } from "zod";
import { answerOf } from "./answers.ts";
import { clientFields, credentialsOf, email, password, readBody } from "./body.ts";
import { type BridgeContext, ended, REQUEST_TIMEOUT_MS, send, waitMs, within } from "./context.ts";
import { signIn } from "./core.ts";
import { outage, type SignInOutcome } from "./outcomes.ts";

const ROUTE = "sign-in";
const bodySchema = z.strictObject({ email, password, ...clientFields });

/** For an application's own sign-in handler: `{email, password}` → the destination's session, or what to show. */
export function addSignIn(app: Hono, bridge: BridgeContext): void {
  app.post("/sign-in", async (context) => {
    const read = readBody(bodySchema, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const beganAtMs = performance.now();
    const credentials = credentialsOf(read.value);
    const retryAfterMs = await waitMs(
      bridge,
      bridge.limits.account,
      credentials.email,
      credentials.client.ipAddress,
    );
    const outcome: SignInOutcome =
      retryAfterMs > 0
        ? { kind: "throttled", retryAfterMs }
        : await within(REQUEST_TIMEOUT_MS, signIn(bridge.deps, credentials), outage("too_slow"));
    ended(bridge, ROUTE, outcome, beganAtMs);
    return send(context, answerOf(outcome));
  });
}
