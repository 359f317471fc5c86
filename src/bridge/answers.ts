import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { NextStep } from "../destinations/sign-in.ts";
import type { SignInOutcome } from "./outcomes.ts";

/** What a sign-in's outcome is over HTTP, and what the application shows the person. */

/** `reset` offers "forgot password", `verify` sends them to their mailbox, `contact` to the operator, `later` to wait. */
export type Show =
  | "session"
  | "wrong"
  | "reset"
  | "verify"
  | "second_factor"
  | "choose"
  | "other_method"
  | "contact"
  | "later";

export interface HttpAnswer {
  status: ContentfulStatusCode;
  body: Readonly<Record<string, unknown>>;
  retryAfterSeconds: number | null;
}

const STEPS: Readonly<Record<NextStep, Show>> = {
  second_factor: "second_factor",
  not_verified: "verify",
  choose_organization: "choose",
  other_method: "other_method",
};

export function answerOf(outcome: SignInOutcome): HttpAnswer {
  switch (outcome.kind) {
    case "signed_in":
      return answer(200, outcome.kind, "session", { session: outcome.session });
    case "wrong":
      return answer(401, outcome.kind, "wrong");
    case "second_factor":
    case "not_verified":
    case "choose_organization":
    case "other_method":
      return answer(403, outcome.kind, stepOf(outcome), { continue: outcome.fields });
    case "reset_required":
    case "password_reset_required":
      return answer(403, outcome.kind, "reset");
    case "not_for_import":
      return answer(403, outcome.kind, outcome.reason === "merged_same_email" ? "reset" : "contact", {
        reason: outcome.reason,
      });
    case "throttled":
      return {
        ...answer(429, outcome.kind, "later"),
        retryAfterSeconds: Math.max(1, Math.ceil(outcome.retryAfterMs / 1_000)),
      };
    case "outage":
      return answer(503, outcome.kind, "later");
  }
}

/** A factor that only Cognito knows cannot be asked for any more; where the file keeps it, no reset is mailed either. */
function stepOf({ kind, mayDropFactor }: Extract<SignInOutcome, { kind: NextStep }>): Show {
  if (mayDropFactor === undefined) return STEPS[kind];
  return mayDropFactor ? "reset" : "contact";
}

function answer(
  status: ContentfulStatusCode,
  outcome: SignInOutcome["kind"],
  show: Show,
  more: Readonly<Record<string, unknown>> = {},
): HttpAnswer {
  return { status, body: { outcome, show, ...more }, retryAfterSeconds: null };
}
