import type { Event, User, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import { ownValue } from "../../domain/own-value.ts";
import type { Secret } from "../../domain/secret.ts";
import { inSmallLetters, trimmedAscii } from "../../plan/normalize.ts";
import type {
  Account,
  ClientDetails,
  Fields,
  NextStep,
  ResetEvent,
  SetPasswordAnswer,
  SignInAnswer,
  SignInDestination,
} from "../sign-in.ts";
import { answerOf, called, nullIfAbsent } from "./calls.ts";
import { failureOf } from "./errors.ts";
import { PAGE_SIZE } from "./facts.ts";

/** OpenAPI 0.61, `UserlandAuthenticateResponse`: handed on as it is. */
const session = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  user: z.looseObject({ id: z.string().min(1) }),
});

/** Sign-ins with a password at WorkOS. One HTTP call each; nothing is tried twice. */
export function createSignIn(client: WorkOS, clientId: string): SignInDestination {
  const users = client.userManagement;
  return {
    async signIn(email, password, details) {
      try {
        // Past the SDK's own method, which leaves out fields of the answer.
        const { data } = await client.post("/user_management/authenticate", {
          client_id: clientId,
          client_secret: client.key,
          ...credentialsOf(email, password, details),
        });
        return { kind: "signed_in", session: session.parse(data) };
      } catch (error) {
        return signInFailure(error);
      }
    },

    accountByEmail: async (email) =>
      answerOf(
        await called(async () => {
          const { data } = await users.listUsers({ email });
          return data.map(toAccount).find((account) => account.email === email) ?? null;
        }),
      ),

    accountByExternalId: async (externalId) =>
      answerOf(
        nullIfAbsent(await called(async () => toAccount(await users.getUserByExternalId(externalId)))),
      ),

    accountById: async (accountId) =>
      answerOf(nullIfAbsent(await called(async () => toAccount(await users.getUser(accountId))))),

    setPassword: (accountId, password) => setPassword(client, accountId, password),

    resetEvents: async (afterEventId) =>
      answerOf(
        await called(async () => {
          const { data, listMetadata } = await client.events.listEvents({
            events: [CREATED, SUCCEEDED],
            limit: PAGE_SIZE,
            order: "asc",
            ...(afterEventId === null ? {} : { after: afterEventId }),
          });
          return { events: data.map(toResetEvent), isLast: !listMetadata.after };
        }),
      ),

    // OpenAPI 0.61: "an existing password reset token that can be used to reset a user's password".
    isResetUnused: async (resetId) => {
      const found = answerOf(nullIfAbsent(await called(() => users.getPasswordReset(resetId))));
      return found.ok ? { ok: true, value: found.value !== null } : found;
    },
  };
}

function credentialsOf(email: string, password: Secret, { ipAddress, userAgent }: ClientDetails) {
  return {
    grant_type: "password",
    email,
    password: password.reveal(),
    ...(ipAddress === null ? {} : { ip_address: ipAddress }),
    ...(userAgent === null ? {} : { user_agent: userAgent }),
  };
}

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Whoever is not said to have never signed in is not taken for it: an answer without the field is no answer. */
const answeredAccount = z.object({
  id: z.string().min(1),
  email: z.string(),
  emailVerified: z.boolean().catch(false),
  externalId: z.string().nullable(),
  lastSignInAt: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
});

function toAccount(user: User): Account {
  const { lastSignInAt, email, createdAt, updatedAt, ...rest } = answeredAccount.parse(user);
  return {
    ...rest,
    email: inSmallLetters(trimmedAscii(email)),
    hasSignedIn: lastSignInAt !== null,
    createdAtMs: createdAt,
    changedAtMs: updatedAt,
  };
}

/** WorkOS docs, "Password reset events". */
const CREATED = "password_reset.created";
const SUCCEEDED = "password_reset.succeeded";

const answeredReset = z.object({
  id: z.string().min(1),
  event: z.enum([CREATED, SUCCEEDED]),
  createdAt: instant,
  data: z.object({ id: z.string().min(1), userId: z.string().min(1), expiresAt: instant }),
});

function toResetEvent(answered: Event): ResetEvent {
  const { id, event, createdAt, data } = answeredReset.parse(answered);
  return {
    kind: event === CREATED ? "opened" : "completed",
    resetId: data.id,
    accountId: data.userId,
    expiresAtMs: data.expiresAt,
    eventId: id,
    atMs: createdAt,
  };
}

/** What refusals of a sign-in mean (OpenAPI 0.61, `POST /user_management/authenticate`). */
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
function signInFailure(error: unknown): SignInAnswer {
  const known = said.safeParse(error);
  const status = known.success ? known.data.status : 0;
  const code = known.success ? (known.data.code ?? known.data.error ?? "") : "";
  if (code === REFUSED && (status === 400 || status === 401)) return { kind: "refused" };
  const step = ownValue(STEPS, code);
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
    case "forbidden":
      return { kind: "outage", code: failure.kind };
    default:
      return { kind: "outage", code: failure.code };
  }
}

function fieldsOf(rawData: unknown): Fields {
  const parsed = continuation.safeParse(rawData);
  return parsed.success ? parsed.data : {};
}

/** OpenAPI 0.61, `PUT /user_management/users/{id}`, 400. */
const TOO_WEAK = "password_strength_error";

/** Sets a password; WorkOS judges it by the rules of its dashboard. Setting the same one again does no harm. */
async function setPassword(client: WorkOS, userId: string, password: Secret): Promise<SetPasswordAnswer> {
  const answer = await called(() =>
    client.userManagement.updateUser({ userId, password: password.reveal() }),
  );
  if (answer.ok) return { kind: "set" };
  const { failure } = answer;
  switch (failure.kind) {
    case "slow_down":
      return failure;
    case "rejected":
      return isWeakness(failure) ? { kind: "too_weak" } : { kind: "outage", code: failure.code };
    case "access_lost":
    case "unknown":
      return { kind: "outage", code: failure.code };
    default:
      return { kind: "outage", code: failure.kind };
  }
}

/** Its `errors` name the rules, so that the word of the failure may be that of a rule. */
function isWeakness({ code, message }: { code: string; message: string }): boolean {
  return code === TOO_WEAK || code.startsWith("password_") || message.includes(TOO_WEAK);
}
