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
