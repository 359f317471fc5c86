import type { Hono } from "hono";
import { z } from "zod";
import { normalizeEmail } from "../plan/normalize.ts";
import { answerOf } from "./answers.ts";
import { clientFields, email, readBody } from "./body.ts";
import { type BridgeContext, ended, REQUEST_TIMEOUT_MS, send, within } from "./context.ts";
import { type ForgotOutcome, forgotPassword } from "./forgot.ts";

const ROUTE = "forgot-password";
const bodySchema = z.strictObject({ email, ...clientFields });

/** The same answer whether or not there is such a person, and a mail or none. */
export function addForgotPassword(app: Hono, bridge: BridgeContext): void {
  app.post("/forgot-password", async (context) => {
    const read = readBody(bodySchema, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const beganAtMs = performance.now();
    const address = normalizeEmail(read.value.email) ?? "";
    const retryAfterMs = await bridge.limits.forgot(address);
    const outcome: ForgotOutcome =
      retryAfterMs > 0
        ? { kind: "throttled", retryAfterMs }
        : // A mail that takes long would tell that there is an account.
          await within(REQUEST_TIMEOUT_MS, forgotPassword(bridge.deps, address), { kind: "accepted" });
    ended(bridge, ROUTE, outcome, beganAtMs);
    return outcome.kind === "accepted"
      ? context.json({ outcome: "accepted" }, 202)
      : send(context, answerOf(outcome));
  });
}
