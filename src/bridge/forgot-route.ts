import type { Hono } from "hono";
import { z } from "zod";
import { normalizeEmail } from "../plan/normalize.ts";
import { answerOf } from "./answers.ts";
import { clientFields, email, readBody } from "./body.ts";
import { type BridgeContext, ended, REQUEST_TIMEOUT_MS, send, waitMs, within } from "./context.ts";
import { type ForgotOutcome, forgotPassword } from "./forgot.ts";
import { outage } from "./outcomes.ts";

const ROUTE = "forgot-password";
const bodySchema = z.strictObject({ email, ...clientFields });

/** The same answer whether or not there is such a person, and a mail or none. */
export function addForgotPassword(app: Hono, bridge: BridgeContext): void {
  app.post("/forgot-password", async (context) => {
    const read = readBody(bodySchema, await context.req.text());
    if (!read.ok) return context.json({ error: read.error }, 400);
    const beganAtMs = performance.now();
    const address = normalizeEmail(read.value.email) ?? "";
    const { forgot } = bridge.limits;
    const retryAfterMs = await waitMs(bridge, forgot, address, read.value.ip_address ?? null);
    const outcome: ForgotOutcome =
      retryAfterMs > 0
        ? { kind: "throttled", retryAfterMs }
        : begun(
            bridge,
            await within(REQUEST_TIMEOUT_MS, forgotPassword(bridge.deps, address), outage("too_slow")),
          );
    ended(bridge, ROUTE, outcome, beganAtMs);
    if (outcome.kind === "accepted") await bridge.holdAnswer?.();
    return outcome.kind === "accepted"
      ? context.json({ outcome: "accepted" }, 202)
      : send(context, answerOf(outcome));
  });
}

/** Also for a person who is unknown: whether there is room for it must not tell. */
function begun({ afterAnswers }: BridgeContext, outcome: ForgotOutcome): ForgotOutcome {
  if (outcome.kind !== "accepted" || afterAnswers.start(outcome.rest)) return outcome;
  return outage("too_many_mails");
}
