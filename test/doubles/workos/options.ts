import { z } from "zod";
import { EVENT_NAMES } from "./event-store.ts";

export const optionsSchema = z.strictObject({
  /** The API key that is taken; another one answers 401 from now on. */
  key: z.string().min(1).default("sk_test_double"),
  /** Every call answers 403. */
  forbidden: z.boolean().default(false),
  /** WorkOS answers 400 for an address or external id in use; `conflict409` answers as emulators do. */
  duplicateStyle: z.enum(["creation_error", "conflict409"]).default("creation_error"),
  /** Multiplies every rate limit. */
  limitScale: z.number().positive().default(1),
  unlimited: z.boolean().default(false),
  latencyMs: z.number().min(0).default(0),
  /**
   * Look-ups by external id and e-mail and the lists do not show a user, organization, membership or application until
   * this long after its creation.
   */
  lookupLagMs: z.number().min(0).default(0),
  /** How a second membership of the same user and organization is refused. */
  membershipDuplicateStyle: z.enum(["conflict409", "unprocessable422"]).default("conflict409"),
  /** Whether a membership may have several roles. */
  multipleRoles: z.boolean().default(false),
  /** What the environment asks of a new password. */
  passwordPolicy: z.strictObject({ minLength: z.number().int().min(1).default(8) }).prefault({}),
  /** The environment's switches in the dashboard; the last one turns off signing in with passwords as well. */
  passwordResets: z.enum(["allowed", "not_allowed", "email_password_auth_disabled"]).default("allowed"),
  /** Whoever has no second factor has to set one up before a session begins. */
  mfaRequired: z.boolean().default(false),
  /** The `iss` of access tokens (WorkOS docs, "Session tokens"); an environment with a domain of its own has another. */
  tokenIssuer: z.string().min(1).default("https://api.workos.com"),
  /** Password resets of a day in UTC; null: no quota. */
  dailyResets: z.number().int().min(0).nullable().default(null),
  /** `GET /events` does not show an event until this long after it happened: later ones may be shown before it. */
  eventsLagMs: z.number().min(0).default(0),
  /** The events that lag; the others show at once. */
  laggingEvents: z.array(z.enum(EVENT_NAMES)).default([...EVENT_NAMES]),
  /** Whether a new password moves the user's `updated_at`: WorkOS documents it as "when the user was last updated". */
  passwordsMoveUpdatedAt: z.boolean().default(true),
  /** Off, every `POST /connections` answers 404: an environment has it by a switch of WorkOS's. */
  connectionsApi: z.boolean().default(true),
  /** The SSO URLs that SAML metadata tells of, by the metadata's URL. */
  samlMetadata: z.record(z.string(), z.string()).default({}),
  /** The authorize URLs of OpenID providers, by discovery endpoint; else `<issuer>/authorize`. */
  oidcAuthorizeUrls: z.record(z.string(), z.string()).default({}),
});

export type WorkosDoubleOptions = z.output<typeof optionsSchema>;
export type GivenOptions = z.input<typeof optionsSchema>;
