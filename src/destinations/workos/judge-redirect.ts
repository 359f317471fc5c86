import { inflateRawSync } from "node:zlib";
import type { ProviderFault } from "../../domain/counterparts.ts";
import type { ProviderTarget, ProviderVerdict } from "../credentials.ts";
import { leadsToProvider, PROVIDER_TIMEOUT_MS, toldAddress } from "./sign-in-address.ts";
import { isPrivateWay, type Visited, visit } from "./visit.ts";
import { xmlText } from "./xml-text.ts";

/** Longer ids and addresses are shown cut: what stands there is the vendor's. */
const MAX_FOUND_LENGTH = 200;

/**
 * Whether a redirect of WorkOS, at `apiUrl`, leads to the provider, as the client that it knows, and is welcome there;
 * null where the provider is too busy to tell.
 */
export async function judge(
  location: URL,
  target: ProviderTarget,
  apiUrl: string,
): Promise<ProviderVerdict | null> {
  const isTheirs = await leadsToProvider(location, target, apiUrl);
  if (isTheirs === null) return null;
  if (!isTheirs) return wrong("wrong_host", toldAddress(location, target).slice(0, MAX_FOUND_LENGTH));
  const mistaken = target.kind === "saml" ? entityFault(location, target) : clientFault(location, target);
  if (mistaken !== null) return mistaken;
  const fault = await faultOnPage(location, apiUrl);
  return fault === null ? { kind: "verified" } : wrong(fault);
}

function clientFault({ searchParams }: URL, { clientId }: { clientId: string }): ProviderVerdict | null {
  const found = searchParams.get("client_id");
  return found === clientId ? null : wrong("wrong_client_id", found?.slice(0, MAX_FOUND_LENGTH) ?? null);
}

/** A request that cannot be read is no fault: WorkOS may send it in another way. */
function entityFault(
  { searchParams }: URL,
  { spEntityId }: Extract<ProviderTarget, { kind: "saml" }>,
): ProviderVerdict | null {
  const found = issuerOf(searchParams.get("SAMLRequest") ?? "");
  if (spEntityId === null || found === null || found === spEntityId) return null;
  return wrong("wrong_entity_id", found.slice(0, MAX_FOUND_LENGTH));
}

export function wrong(code: ProviderFault, found: string | null = null): ProviderVerdict {
  return { kind: "wrong", code, found };
}

/** RFC 6749, 5.2; Google's and Microsoft's own words for a redirect URI, Microsoft's for an unknown client. */
const CLEAR_WORDS: readonly [word: RegExp, fault: ProviderFault][] = [
  [/\bredirect_uri_mismatch\b|AADSTS50011\b/, "redirect_uri_missing"],
  [/\binvalid_client\b|AADSTS700016\b/, "invalid_client"],
];

/** What the sign-in page itself says against this sign-in; null when it says nothing, or nothing clear. */
async function faultOnPage(signIn: URL, apiUrl: string): Promise<ProviderFault | null> {
  if (!isPrivateWay(signIn, apiUrl)) return null;
  const page = await visit(signIn, PROVIDER_TIMEOUT_MS);
  if (page === null) return null;
  const text = textOf(page);
  return CLEAR_WORDS.find(([word]) => word.test(text))?.[1] ?? null;
}

/** Google leads to an error page of its own, whose `authError` is base64. */
function textOf({ location, body }: Visited): string {
  const authError = location?.searchParams.get("authError") ?? "";
  return [location?.search ?? "", Buffer.from(authError, "base64").toString("latin1"), body].join("\n");
}

const MAX_REQUEST_BYTES = 64 * 1_024;
const ISSUER = /<(?:[\w-]+:)?Issuer(?:\s[^>]*)?>([^<]*)</;
/**
 * Who a sign-in request says it comes from: the `Issuer` of a `SAMLRequest` (SAML 2.0 Bindings, 3.4.4.1: deflated,
 * then base64). Null when it cannot be read.
 */
function issuerOf(samlRequest: string): string | null {
  const xml = inflated(samlRequest);
  const issuer = ISSUER.exec(xml)?.[1];
  return issuer === undefined ? null : xmlText(issuer.trim());
}

function inflated(text: string): string {
  try {
    const bytes = Buffer.from(text, "base64");
    return inflateRawSync(bytes, { maxOutputLength: MAX_REQUEST_BYTES }).toString("utf8");
  } catch {
    return "";
  }
}
