import { z } from "zod";
import { unprocessable } from "./api-error.ts";
import type { ApplicationRedirectUri } from "./application-store.ts";
import { redirectUri } from "./urls.ts";

/** OpenAPI 0.61, `CreateOAuthApplicationDto`, `CreateM2MApplicationDto` and `UpdateOAuthApplicationDto`. */

const name = z.string().min(1);
const description = z.string().nullable();
const scopes = z.array(z.string().min(1)).nullable();
const redirectUris = z.array(z.strictObject({ uri: redirectUri, default: z.boolean().nullish() })).nullable();

export const applicationBody = z.discriminatedUnion("application_type", [
  z.strictObject({
    application_type: z.literal("oauth"),
    name,
    description: description.default(null),
    scopes: scopes.default(null),
    redirect_uris: redirectUris.default(null),
    uses_pkce: z.boolean().nullish(),
    is_first_party: z.boolean(),
    organization_id: z.string().nullish(),
  }),
  z.strictObject({
    application_type: z.literal("m2m"),
    name,
    description: description.default(null),
    scopes: scopes.default(null),
    organization_id: z.string(),
  }),
]);

export type ApplicationBody = z.output<typeof applicationBody>;

export const applicationChanges = z.strictObject({
  name: name.optional(),
  description: description.optional(),
  scopes: scopes.optional(),
  redirect_uris: redirectUris.optional(),
});

/** The first is the default where none is named so. */
export function redirectUrisOf(given: z.output<typeof redirectUris>): ApplicationRedirectUri[] {
  const uris = given ?? [];
  if (new Set(uris.map(({ uri }) => uri)).size < uris.length)
    throw unprocessable("A redirect URI is there twice.");
  const defaults = uris.filter((uri) => uri.default);
  if (defaults.length > 1) throw unprocessable("Only one redirect URI can be the default.");
  const chosen = defaults[0] ?? uris[0];
  return uris.map((uri) => ({ uri: uri.uri, default: uri === chosen }));
}
