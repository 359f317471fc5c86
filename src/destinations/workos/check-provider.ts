import type { ProviderTarget, ProviderVerdict } from "../credentials.ts";
import type { Answer } from "../destination.ts";
import { problemOf } from "./answers.ts";
import type { CredentialsCalls } from "./credentials-calls.ts";
import type { FoundRedirectUri } from "./credentials-mapping.ts";
import { failureOfPage } from "./errors.ts";
import { judge } from "./judge-redirect.ts";
import { everyPage } from "./pages.ts";
import { refusalInBody, refusalInQuery, wrong } from "./refusal.ts";
import { visit } from "./visit.ts";

export interface SignInDoor {
  apiUrl: string;
  /** The environment's, as WorkOS's own sign-in asks for it. */
  clientId: string;
  callTimeoutMs: number;
}

/**
 * Goes the way of a browser that signs in: WorkOS's redirect must lead to the provider's page and name the provider's
 * client, and that page must not refuse it. Only what was seen counts; nobody is signed in.
 */
export async function checkProvider(
  calls: CredentialsCalls,
  door: SignInDoor,
  target: ProviderTarget,
): Promise<Answer<ProviderVerdict>> {
  const uris = await everyPage(calls.redirectUris);
  if (!uris.ok) return problemOf(uris.failure);
  const redirectUri = returnAddress(uris.value);
  if (redirectUri === null) return { ok: true, value: wrong("redirect_uri_missing") };

  const page = await visit(authorizeUrl(door, target, redirectUri), door.callTimeoutMs);
  if (page === null) return { ok: false, problem: "unavailable", code: "no_answer" };
  const failure = failureOfPage(page.status, page.retryAfterSeconds);
  if (failure !== null) return problemOf(failure);
  if (page.status >= 400 || page.location === null) return { ok: true, value: refusalInBody(page.body) };
  if (isSamePage(page.location, new URL(redirectUri)))
    return { ok: true, value: refusalInQuery(page.location) };
  return { ok: true, value: await judge(page.location, target) };
}

/** The default one, else the oldest; one with a wildcard is no address to return to. */
function returnAddress(uris: readonly FoundRedirectUri[]): string | null {
  const usable = uris.filter(({ uri }) => URL.canParse(uri) && !uri.includes("*"));
  return (usable.find(({ isDefault }) => isDefault) ?? usable[0])?.uri ?? null;
}

/** OpenAPI 0.61, `GET /user_management/authorize`. */
function authorizeUrl({ apiUrl, clientId }: SignInDoor, target: ProviderTarget, redirectUri: string): URL {
  const url = new URL("/user_management/authorize", apiUrl);
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    ...(target.kind === "dashboard" ? { provider: target.provider } : { connection_id: target.connectionId }),
  }).toString();
  return url;
}

function isSamePage(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host && a.pathname === b.pathname;
}
