import { type Counterpart, WITHOUT_PROVIDER } from "../../domain/counterparts.ts";
import type { KnownProvider } from "../../domain/pool.ts";

/** Providers whose OAuth client WorkOS takes in its dashboard alone. */
export interface DashboardProvider {
  /** As its page in the dashboard names it. */
  title: string;
  /** Where its sign-in page is, according to the provider's own documentation. */
  signInHost: string;
  /** Where the provider itself keeps redirect URIs. */
  console: string;
}

/** By WorkOS's word for the provider (OpenAPI 0.61, `GET /user_management/authorize`). */
export const DASHBOARD_PROVIDERS = {
  GoogleOAuth: {
    title: "Google",
    signInHost: "accounts.google.com",
    console: "Google Cloud console → Google Auth Platform → Clients → the client → Authorized redirect URIs",
  },
  AppleOAuth: {
    title: "Apple",
    signInHost: "appleid.apple.com",
    console: "Apple Developer → Identifiers → the Services ID → Sign In with Apple → Configure → Return URLs",
  },
  MicrosoftOAuth: {
    title: "Microsoft",
    signInHost: "login.microsoftonline.com",
    console:
      "Microsoft Entra admin center → App registrations → the app → Authentication → Web → Redirect URIs",
  },
} as const satisfies Record<string, DashboardProvider>;
export type DashboardProviderName = keyof typeof DASHBOARD_PROVIDERS;

export function isDashboardProvider(name: string): name is DashboardProviderName {
  return Object.hasOwn(DASHBOARD_PROVIDERS, name);
}

const GOOGLE_ISSUER = "https://accounts.google.com";
const MICROSOFT_HOST = "login.microsoftonline.com";
/** Not one company's directory, but anybody's (Microsoft identity platform, "Find your app's OpenID configuration"). */
const SHARED_TENANTS = ["common", "organizations", "consumers"];

/** What becomes of one of Cognito's providers at WorkOS. */
export function counterpartOf({ type, issuer }: KnownProvider): Counterpart {
  switch (type) {
    case "Google":
      return inDashboard("GoogleOAuth");
    case "SignInWithApple":
      return inDashboard("AppleOAuth");
    case "OIDC":
      return ofIssuer(issuer);
    case "SAML":
      return { kind: "connection" };
    default:
      return { kind: "none", instead: WITHOUT_PROVIDER };
  }
}

/** Two issuers are providers of their own at WorkOS. */
function ofIssuer(issuer: string | null): Counterpart {
  const url = URL.parse(issuer ?? "");
  if (url?.origin === GOOGLE_ISSUER) return inDashboard("GoogleOAuth");
  const [, tenant = ""] = url?.pathname.split("/") ?? [];
  const isShared = url?.hostname === MICROSOFT_HOST && SHARED_TENANTS.includes(tenant.toLowerCase());
  return isShared ? inDashboard("MicrosoftOAuth") : { kind: "connection" };
}

/** The redirect URI differs from environment to environment, and no API tells it. */
function inDashboard(provider: DashboardProviderName): Counterpart {
  const { title, console } = DASHBOARD_PROVIDERS[provider];
  return {
    kind: "dashboard",
    provider,
    page: `https://dashboard.workos.com/ → Authentication → Providers → ${title}`,
    redirectUri: `the redirect URI that WorkOS shows under Authentication → Providers → ${title}`,
    consoleHint: `Add it beside those that are there: ${console}.`,
  };
}
