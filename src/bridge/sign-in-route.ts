import type { Hono } from "hono";
import { z } from "zod";
import { answerInTime } from "./answer-in-time.ts";
import { answerOf } from "./answers.ts";
import { clientFields, credentialsOf, email, password, readBody } from "./body.ts";
import { type BridgeContext, ended, refuseBody, send } from "./context.ts";
import { signIn } from "./core.ts";
import { isShownAtOnce, type SignInOutcome, THROTTLED_BY_SOURCE } from "./outcomes.ts";

const bodySchema = z.strictObject({ email, password, ...clientFields });

/** For an application's own sign-in handler: `{email, password}` → the destination's session, or what to show. */
export function addSignIn(app: Hono, bridge: BridgeContext): void {
  app.post("/sign-in", async (context) => {
    const read = readBody(bodySchema, await context.req.text());
    if (!read.ok) return refuseBody(context, bridge, read.error);
    const beganAtMs = performance.now();
    const credentials = credentialsOf(read.value);
    const outcome = await answerInTime<SignInOutcome>(bridge, {
      door: "signIn",
      email: credentials.email,
      ipAddress: credentials.client.ipAddress,
      work: (deps) => signIn(deps, credentials),
      isShownAtOnce,
      inTurn: true,
    });
    ended(bridge, "sign-in", outcome, beganAtMs);
    return send(context, answerOf(told(outcome, bridge.deps.throttle.wasSince(beganAtMs))));
  });
}

/** A busy Cognito shows in the answers of those who come to it alone, so nobody else hears that a password is wrong. */
function told(outcome: SignInOutcome, isCognitoBusy: boolean): SignInOutcome {
  return outcome.kind === "wrong" && isCognitoBusy ? THROTTLED_BY_SOURCE : outcome;
}
