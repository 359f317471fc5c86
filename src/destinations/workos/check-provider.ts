import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { ProviderTarget, ProviderVerdict } from "../credentials.ts";
import type { Answer } from "../destination.ts";
import { problemOf } from "./calls.ts";
import { failureOfPage } from "./errors.ts";
import { judge, wrong } from "./judge-redirect.ts";
import { allRedirectUris, type FoundRedirectUri } from "./redirect-uris.ts";
import { parseJson, visit } from "./visit.ts";

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
  client: WorkOS,
  door: SignInDoor,
  target: ProviderTarget,
): Promise<Answer<ProviderVerdict>> {
  const uris = await allRedirectUris(client);
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
  const verdict = await judge(page.location, target, door.apiUrl);
  return verdict === null
    ? { ok: false, problem: "unavailable", code: "no_answer" }
    : { ok: true, value: verdict };
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

/** What WorkOS says where it does not lead to a provider. */
const said = z.object({
  error: z.string().catch(""),
  error_description: z.string().catch(""),
  code: z.string().catch(""),
  message: z.string().catch(""),
});

/** As parameters of the redirect URI (RFC 6749, 4.1.2.1). */
function refusalInQuery({ searchParams }: URL): ProviderVerdict {
  const error = searchParams.get("error") ?? "";
  return refusal(error, `${error} ${searchParams.get("error_description") ?? ""}`);
}

/** As the body of an answer: JSON, or a page. */
function refusalInBody(body: string): ProviderVerdict {
  const parsed = said.safeParse(parseJson(body));
  if (!parsed.success) return refusal("", body);
  const { error, error_description, code, message } = parsed.data;
  return refusal(error === "" ? code : error, [error, error_description, code, message].join(" "));
}

/** An error's word as it may be shown: anything else could be somebody's data. */
const WORD = /^[a-z_]{1,60}$/;

function refusal(word: string, text: string): ProviderVerdict {
  if (/invalid[_ -]client/i.test(text)) return wrong("invalid_client");
  if (/redirect[_ -]uri/i.test(text)) return wrong("redirect_uri_missing");
  return wrong("not_configured", WORD.test(word) ? word : null);
}
