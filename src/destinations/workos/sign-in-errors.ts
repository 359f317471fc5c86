import { z } from "zod";
import type { Fields, NextStep, SignInAnswer } from "../sign-in.ts";
import { failureOf } from "./errors.ts";

/** OpenAPI 0.61, `POST /user_management/authenticate`: what its refusals mean. */

const STEPS: Readonly<Record<string, NextStep>> = {
  mfa_enrollment: "second_factor",
  mfa_challenge: "second_factor",
  mfa_verification: "second_factor",
  radar_challenge: "second_factor",
  radar_email_challenge: "second_factor",
  radar_sms_challenge: "second_factor",
  radar_sign_up_challenge: "second_factor",
  radar_sms_sign_in_challenge: "second_factor",
  email_verification_required: "not_verified",
  organization_selection_required: "choose_organization",
  sso_required: "other_method",
  authentication_method_not_allowed: "other_method",
  organization_authentication_methods_required: "other_method",
  passkey_progressive_enrollment: "other_method",
  application_consent_required: "other_method",
};

const REFUSED = "invalid_credentials";

/** What an application goes on with: the token is good for the next step alone, and only with the API key. */
const continuation = z.object({
  pending_authentication_token: z.string().optional(),
  email_verification_id: z.string().optional(),
  organizations: z.array(z.unknown()).optional(),
  connection_ids: z.array(z.string()).optional(),
});

const said = z.object({
  status: z.number(),
  code: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  rawData: z.unknown(),
});

/** Translates what the call threw. Nothing but WorkOS's own word for it counts as wrong credentials. */
export function signInFailure(error: unknown): SignInAnswer {
  const known = said.safeParse(error);
  const status = known.success ? known.data.status : 0;
  const code = known.success ? (known.data.code ?? known.data.error ?? "") : "";
  if (code === REFUSED && (status === 400 || status === 401)) return { kind: "refused" };
  const step = STEPS[code];
  if (step !== undefined) return { kind: "next_step", step, code, fields: fieldsOf(known.data?.rawData) };
  if (code === "email_password_auth_disabled") return { kind: "outage", code };
  return otherFailure(error);
}

function otherFailure(error: unknown): SignInAnswer {
  const failure = failureOf(error);
  switch (failure.kind) {
    case "slow_down":
      return failure;
    // OpenAPI 0.61 declares a 404 for this call: nobody has the address.
    case "absent":
      return { kind: "refused" };
    case "duplicate":
      return { kind: "outage", code: failure.kind };
    default:
      return { kind: "outage", code: failure.code };
  }
}

function fieldsOf(rawData: unknown): Fields {
  const parsed = continuation.safeParse(rawData);
  return parsed.success ? parsed.data : {};
}
