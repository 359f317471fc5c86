import { z } from "zod";

/** OpenAPI 0.61, `provider` of `/sso/authorize`. */
export const PROVIDERS = [
  "AppleOAuth",
  "BitbucketOAuth",
  "GitHubOAuth",
  "GitLabOAuth",
  "GoogleOAuth",
  "IntuitOAuth",
  "LinkedInOAuth",
  "MicrosoftOAuth",
  "SalesforceOAuth",
  "SlackOAuth",
  "VercelMarketplaceOAuth",
  "VercelOAuth",
  "XeroOAuth",
] as const;

/** What a person enters in the dashboard; no API takes it. */
export const providerSettings = z.strictObject({
  provider: z.enum(["GoogleOAuth", "MicrosoftOAuth", "GitHubOAuth", "AppleOAuth"]),
  /** Null takes the provider away. */
  clientId: z.string().min(1).nullable(),
  clientSecret: z.string().min(1).optional(),
  /** With what every sign-in comes back, such as `invalid_client` for a wrong set-up. */
  error: z.string().min(1).optional(),
});

export type ProviderSettings = z.output<typeof providerSettings>;
export type ConfigurableProvider = ProviderSettings["provider"];

export interface ConfiguredProvider extends ProviderSettings {
  clientId: string;
}

/** The sign-in pages, and what WorkOS asks of each. */
const PAGES: Record<ConfigurableProvider, { url: string; scope: string }> = {
  GoogleOAuth: { url: "https://accounts.google.com/o/oauth2/v2/auth", scope: "openid email profile" },
  MicrosoftOAuth: {
    url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    scope: "openid email profile",
  },
  GitHubOAuth: { url: "https://github.com/login/oauth/authorize", scope: "read:user user:email" },
  AppleOAuth: { url: "https://appleid.apple.com/auth/authorize", scope: "name email" },
};

/** Where a sign-in with the provider begins. `state` is WorkOS's own. */
export function providerPage({ provider, clientId }: ConfiguredProvider, state: string): URL {
  const page = PAGES[provider];
  const url = new URL(page.url);
  url.searchParams.set("client_id", clientId);
  url.searchParams.set("redirect_uri", callbackOf(provider));
  url.searchParams.set("response_type", "code");
  url.searchParams.set("scope", page.scope);
  url.searchParams.set("state", state);
  // Apple hands over name and e-mail address by POST only.
  if (provider === "AppleOAuth") url.searchParams.set("response_mode", "form_post");
  return url;
}

/** WorkOS's own, of one environment: what a person registers at the provider. */
function callbackOf(provider: ConfigurableProvider): string {
  return `https://auth.workos.com/sso/oauth/${provider.replace("OAuth", "").toLowerCase()}/double/callback`;
}
