import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError, codedError } from "./api-error.ts";
import { parse } from "./bodies.ts";
import { DailyQuota } from "./daily-quota.ts";
import { EmailLimit, refuseUntil } from "./email-limit.ts";
import { appendEvent } from "./event-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { checkStrength, replacePassword } from "./password-fields.ts";
import { passwordResetFor, type WorkosPasswordReset } from "./password-reset-store.ts";
import { jsonOf, named, referred } from "./requests.ts";
import type { Stores } from "./stores.ts";

const RESETS = "/user_management/password_reset";

/** `CreatePasswordResetTokenDto` and `CreatePasswordResetDto`. */
const createBody = z.strictObject({ email: z.string() });
const confirmBody = z.strictObject({ token: z.string(), new_password: z.string() });

/** Every reset that is created counts as a mail to its person, as it is while WorkOS sends its own mails. */
export function passwordResetRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { users, passwordResets, events } = stores;
  const perEmail = new EmailLimit(3, 60_000);
  const perDay = new DailyQuota();

  routes.post(RESETS, async (context) => {
    const { email } = parse(createBody, await jsonOf(context));
    context.set("key", email);
    checkAllowed(options());
    const user = referred(users.ownerOfEmail(email), `User '${email}'`);
    refuseUntil(context, perEmail.take(email, options()), { message: "Too many requests." });
    const { dailyResets } = options();
    const message = "The daily quota of password reset e-mails is exceeded.";
    refuseUntil(context, perDay.take(dailyResets), { code: "daily_quota_exceeded", message });
    const reset = passwordResets.create(passwordResetFor(user, passwordResets));
    appendEvent(events, "password_reset.created", reset, options());
    return context.json(answerOf(reset), 201);
  });

  // OpenAPI 0.61: "an existing password reset token that can be used"; one that was used is not there any more.
  routes.get(`${RESETS}/:id`, (context) =>
    context.json(answerOf(named(context, passwordResets, "Password reset"))),
  );

  routes.post(`${RESETS}/confirm`, async (context) => {
    const { token, new_password } = parse(confirmBody, await jsonOf(context));
    if (options().passwordResets === "email_password_auth_disabled") throw passwordsDisabled();
    const reset = referred(passwordResets.holderOf(token), "Password reset token");
    context.set("key", reset.email);
    const user = referred(users.users.get(reset.user_id), `User '${reset.user_id}'`);
    if (Date.parse(reset.expires_at) <= Date.now()) throw expired();
    checkStrength(new_password, "password_reset_error", options());
    replacePassword(stores, user, { kind: "text", text: new_password }, options());
    users.change(user, { email_verified: true, updated_at: user.updated_at });
    passwordResets.remove(reset);
    appendEvent(events, "password_reset.succeeded", reset, options());
    return context.json({ user });
  });

  return routes;
}

export const passwordsDisabled = () =>
  codedError(403, "email_password_auth_disabled", "Email and password authentication is disabled.");

function checkAllowed({ passwordResets }: WorkosDoubleOptions): void {
  if (passwordResets === "email_password_auth_disabled") throw passwordsDisabled();
  if (passwordResets === "not_allowed")
    throw codedError(403, "password_reset_not_allowed", "Password resets are not allowed.");
}

function expired(): ApiError {
  const message = "The password reset token has expired.";
  const errors = [{ code: "password_reset_token_expired", message }];
  return new ApiError(400, { code: "password_reset_error", message: "Could not reset password.", errors });
}

function answerOf({ updated_at, ...reset }: WorkosPasswordReset) {
  return reset;
}
