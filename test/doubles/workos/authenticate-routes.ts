import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError, codedError, notFound } from "./api-error.ts";
import { parse } from "./bodies.ts";
import { EmailLimit, refuseUntil } from "./email-limit.ts";
import { createIds } from "./ids.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { passwordsDisabled } from "./password-reset-routes.ts";
import { jsonOf } from "./requests.ts";
import type { SessionIssuer } from "./session-tokens.ts";
import type { Stores } from "./stores.ts";
import type { WorkosUser } from "./user-store.ts";

export interface Authenticating {
  stores: Stores;
  clientId: string;
  sessions: SessionIssuer;
  options: () => WorkosDoubleOptions;
}

/** `PasswordSessionAuthenticateRequest`; the double has no other grant, no invitations and no Radar. */
const passwordBody = z.strictObject({
  client_id: z.string(),
  client_secret: z.string(),
  grant_type: z.literal("password"),
  email: z.string(),
  password: z.string(),
  ip_address: z.string().optional(),
  user_agent: z.string().optional(),
  device_id: z.string().optional(),
});

/** The public keys: without a key of one's own, as everybody may check a token. */
export function jwksRoutes({ clientId, sessions }: Authenticating): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.get("/sso/jwks/:clientId", (context) => {
    const asked = context.req.param("clientId");
    context.set("key", asked);
    if (asked !== clientId) throw notFound(`Client '${asked}'`);
    return context.json(sessions.jwks());
  });
  return routes;
}

/**
 * Signing in with a password, as the SDK asks: the API key as bearer and as client secret. Codes as in the document;
 * the fields beside code and message are those of the WorkOS docs, "Authentication errors".
 */
export function authenticateRoutes({ stores, clientId, sessions, options }: Authenticating): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const perEmail = new EmailLimit(10, 60_000);
  const pending = createPending();

  routes.post("/user_management/authenticate", async (context) => {
    const body = parse(passwordBody, await jsonOf(context));
    context.set("key", body.email);
    const { key, passwordResets, tokenIssuer } = options();
    if (body.client_id !== clientId || body.client_secret !== key)
      throw oauthError(400, "invalid_client", "Invalid client ID or secret.");
    const tooMany = { error: "too_many_requests", error_description: "Too many requests." };
    refuseUntil(context, perEmail.take(body.email, options()), tooMany);
    if (passwordResets === "email_password_auth_disabled") throw passwordsDisabled();
    const user = stores.users.ownerOfEmail(body.email);
    if (user === null || !stores.passwords.is(user.id, body.password))
      throw codedError(400, "invalid_credentials", "Invalid credentials.");
    checkProven(user, stores, options(), pending);
    const organizationId = organizationOf(user, stores, pending);
    // WorkOS's sign-ins leave `updated_at` as it is (workos/emulate, pull request 59).
    const { updated_at } = user;
    stores.users.change(user, { last_sign_in_at: new Date().toISOString(), updated_at });
    return context.json({
      user,
      ...(organizationId !== null && { organization_id: organizationId }),
      ...sessions.issue(tokenIssuer, user.id, organizationId),
      authentication_method: "Password",
    });
  });

  return routes;
}

/** A right password may not be enough. */
function checkProven(
  user: WorkosUser,
  { mfaEnrolled }: Stores,
  { mfaRequired }: WorkosDoubleOptions,
  pending: Pending,
): void {
  if (!user.email_verified)
    throw pending.refuse(
      "email_verification_required",
      "Email ownership must be verified before authentication.",
      {
        email: user.email,
        email_verification_id: pending.nextVerificationId(),
      },
    );
  if (mfaEnrolled.has(user.id))
    throw pending.refuse("mfa_challenge", "The user must complete an MFA challenge.", {
      user,
      authentication_factors: [{ id: pending.nextFactorId(), type: "totp" }],
    });
  if (mfaRequired)
    throw pending.refuse("mfa_enrollment", "The user must enroll in MFA to finish authenticating.", { user });
}

/** Null for a member of none; a member of several has to choose. */
function organizationOf(
  user: WorkosUser,
  { memberships, organizations }: Stores,
  pending: Pending,
): string | null {
  const active = memberships.inGroup(user.id).filter(({ status }) => status === "active");
  const [first, ...others] = active;
  if (others.length === 0) return first?.organization_id ?? null;
  throw pending.refuse("organization_selection_required", "The user must choose an organization.", {
    user,
    organizations: active.map(({ organization_id: id }) => ({ id, name: organizations.byId.get(id)?.name })),
  });
}

type Pending = ReturnType<typeof createPending>;

function createPending() {
  const nextToken = createIds("pending");
  const refuse = (code: string, message: string, more: Readonly<Record<string, unknown>>) =>
    new ApiError(403, { code, message, pending_authentication_token: nextToken(), ...more });
  return {
    refuse,
    nextVerificationId: createIds("email_verification"),
    nextFactorId: createIds("auth_factor"),
  };
}

const oauthError = (status: 400, error: string, error_description: string) =>
  new ApiError(status, { error, error_description });
