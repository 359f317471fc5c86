import { z } from "zod";

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
  /** Off, every `POST /connections` answers 404: an environment has it by a switch of WorkOS's. */
  connectionsApi: z.boolean().default(true),
  /** The SSO URLs that SAML metadata tells of, by the metadata's URL. */
  samlMetadata: z.record(z.string(), z.string()).default({}),
  /** The authorize URLs of OpenID providers, by discovery endpoint; else `<issuer>/authorize`. */
  oidcAuthorizeUrls: z.record(z.string(), z.string()).default({}),
});

export type WorkosDoubleOptions = z.output<typeof optionsSchema>;
export type GivenOptions = z.input<typeof optionsSchema>;
