import { z } from "zod";
import { PROVIDERS } from "./providers.ts";

/** What a sign-in is asked for: the query parameters of OpenAPI 0.61, of which those here have an effect. */
export interface Asked {
  selector: {
    provider: string | undefined;
    connection: string | undefined;
    organization: string | undefined;
  };
  /** The caller's. */
  state: string | undefined;
}

const common = {
  client_id: z.string(),
  redirect_uri: z.string(),
  response_type: z.literal("code"),
  state: z.string().optional(),
  domain_hint: z.string().optional(),
  login_hint: z.string().optional(),
  provider_scopes: z.string().optional(),
};

/** Of `/user_management/authorize`. */
export const authKitQuery = z
  .strictObject({
    ...common,
    provider: z.enum(["authkit", ...PROVIDERS]).optional(),
    connection_id: z.string().optional(),
    organization_id: z.string().optional(),
    code_challenge: z.string().optional(),
    code_challenge_method: z.literal("S256").optional(),
    invitation_token: z.string().optional(),
    max_age: z.coerce.number().int().min(0).optional(),
    prompt: z.string().optional(),
    screen_hint: z.enum(["sign-up", "sign-in"]).optional(),
  })
  .transform(({ connection_id, organization_id, provider, state }) => ({
    selector: { provider, connection: connection_id, organization: organization_id },
    state,
  }));

/** Of `/sso/authorize`. */
export const ssoQuery = z
  .strictObject({
    ...common,
    provider: z.enum(PROVIDERS).optional(),
    connection: z.string().optional(),
    organization: z.string().optional(),
    nonce: z.string().optional(),
    prompt: z.literal("login").optional(),
  })
  .transform(({ connection, organization, provider, state }) => ({
    selector: { provider, connection, organization },
    state,
  }));
