import type { Hono } from "hono";
import { z } from "zod";
import { normalizeEmail } from "../plan/normalize.ts";
import { answerInTime } from "./answer-in-time.ts";
import { answerOf } from "./answers.ts";
import { clientFields, email, readBody } from "./body.ts";
import { type BridgeContext, ended, refuseBody, send } from "./context.ts";
import { type ForgotOutcome, forgotPassword } from "./forgot.ts";
import { outage } from "./outcomes.ts";

const bodySchema = z.strictObject({ email, ...clientFields });

/** The same answer whether or not there is such a person, and a mail or none. */
export function addForgotPassword(app: Hono, bridge: BridgeContext): void {
  app.post("/forgot-password", async (context) => {
    const read = readBody(bodySchema, await context.req.text());
    if (!read.ok) return refuseBody(context, bridge, read.error);
    const beganAtMs = performance.now();
    const address = normalizeEmail(read.value.email) ?? "";
    const outcome = begun(
      bridge,
      await answerInTime<ForgotOutcome>(bridge, {
        door: "forgot",
        email: address,
        ipAddress: read.value.ip_address ?? null,
        // What is left to do comes after the answer.
        work: () => forgotPassword(bridge.deps, address),
        // A look-up that finds somebody takes longer than one that does not, by a little.
        isShownAtOnce: () => false,
      }),
    );
    ended(bridge, "forgot-password", outcome, beganAtMs);
    if (outcome.kind === "accepted") await bridge.holdAnswer?.();
    return outcome.kind === "accepted"
      ? context.json({ outcome: "accepted" }, 202)
      : send(context, answerOf(outcome));
  });
}

/** Also for a person who is unknown: whether there is room for it must not tell. */
function begun({ afterAnswers, timeoutMs }: BridgeContext, outcome: ForgotOutcome): ForgotOutcome {
  if (outcome.kind !== "accepted") return outcome;
  const isBegun = afterAnswers.start(() => outcome.rest(AbortSignal.timeout(timeoutMs)));
  return isBegun ? outcome : outage("too_many_mails");
}
