import { z } from "zod";
import type { ProviderTarget } from "../credentials.ts";
import { discoveryEndpoint } from "./connection-body.ts";
import { DASHBOARD_PROVIDERS, isDashboardProvider } from "./counterparts.ts";
import { failureOfPage } from "./errors.ts";
import { isPrivateWay, parseJson, visit } from "./visit.ts";
import { xmlText } from "./xml-text.ts";

/** Whether a redirect leads to the provider's sign-in page. One host may be that of many tenants, each with its address. */

/** The provider's page is a second opinion: it is not waited for much longer than a person would. */
export const PROVIDER_TIMEOUT_MS = 5_000;

/** Metadata may name many claims and certificates before the sign-in page. */
const MAX_DOCUMENT_BYTES = 1_024 * 1_024;

/** A document may have moved. */
const MAX_HOPS = 4;

type Target<Kind extends ProviderTarget["kind"]> = Extract<ProviderTarget, { kind: Kind }>;

/** Null where the provider is too busy to say which address is its own. */
export async function leadsToProvider(
  location: URL,
  target: ProviderTarget,
  apiUrl: string,
): Promise<boolean | null> {
  switch (target.kind) {
    case "dashboard":
      return isAtHost(location, new URL(`https://${signInHost(target.provider)}`));
    case "saml":
      return leadsToSaml(location, target, apiUrl);
    case "oidc":
      return leadsToOidc(location, target, apiUrl);
  }
}

function signInHost(provider: string): string {
  if (!isDashboardProvider(provider)) throw new Error(`No sign-in page is known for ${provider}.`);
  return DASHBOARD_PROVIDERS[provider].signInHost;
}

/** Where Cognito knows the metadata's address alone, its document names the sign-in page; unread, the host decides. */
async function leadsToSaml(
  location: URL,
  { ssoUrl, metadataUrl }: Target<"saml">,
  apiUrl: string,
): Promise<boolean | null> {
  const known = URL.parse(ssoUrl ?? "");
  if (known !== null) return isSamlPage(location, known);
  const metadata = URL.parse(metadataUrl ?? "");
  const document = await read(metadata, apiUrl);
  if (document === null) return null;
  const named = signOnAddresses(document);
  if (named.length > 0) return named.some((one) => isSamlPage(location, one));
  return isAtHost(location, metadata);
}

/** An issuer may keep its sign-in page anywhere: its discovery document says where; unread, the host decides. */
async function leadsToOidc(
  location: URL,
  { issuer }: Target<"oidc">,
  apiUrl: string,
): Promise<boolean | null> {
  const page = await read(URL.parse(discoveryEndpoint(issuer)), apiUrl);
  if (page === null) return null;
  const document = discovered.safeParse(parseJson(page));
  if (!document.success) return isAtHost(location, URL.parse(issuer));
  const endpoint = new URL(document.data.authorization_endpoint);
  // The request itself is parameters beside those of the endpoint (RFC 6749, 3.1).
  return isAtPath(location, endpoint) && namesOf(endpoint).every((name) => hasSame(location, endpoint, name));
}

const discovered = z.object({ authorization_endpoint: z.url() });

/** A document of the provider's; empty where this machine cannot read it, null where it may at another time. */
async function read(url: URL | null, apiUrl: string): Promise<string | null> {
  let next = url;
  for (let hop = 0; hop < MAX_HOPS && next !== null && isPrivateWay(next, apiUrl); hop += 1) {
    const page = await visit(next, PROVIDER_TIMEOUT_MS, MAX_DOCUMENT_BYTES);
    if (page === null) return "";
    if (failureOfPage(page.status, page.retryAfterSeconds) !== null) return null;
    if (page.location === null) return page.status < 300 ? page.body : "";
    next = page.location;
  }
  return "";
}

/** By https, or in the way in which the provider itself names its address. */
function isAtHost(location: URL, expected: URL | null): boolean {
  if (expected === null || location.host !== expected.host) return false;
  return location.protocol === "https:" || location.protocol === expected.protocol;
}

function isAtPath(location: URL, expected: URL): boolean {
  return isAtHost(location, expected) && barePath(location) === barePath(expected);
}

function barePath({ pathname }: URL): string {
  return pathname.replace(/\/$/, "");
}

/** Of a request, beside what the address itself says (SAML 2.0 Bindings, 3.4.4). */
const SAML_REQUEST = new Set(["SAMLRequest", "SAMLEncoding", "RelayState", "SigAlg", "Signature"]);

function isSamlPage(location: URL, expected: URL): boolean {
  const own = [...namesOf(location), ...namesOf(expected)].filter((name) => !SAML_REQUEST.has(name));
  return isAtPath(location, expected) && own.every((name) => hasSame(location, expected, name));
}

function namesOf({ searchParams }: URL): string[] {
  return [...searchParams.keys()];
}

function hasSame(a: URL, b: URL, name: string): boolean {
  const values = ({ searchParams }: URL) => JSON.stringify(searchParams.getAll(name).toSorted());
  return values(a) === values(b);
}

/** Stops at each tag's end: somebody else's document is never read twice over. */
const SIGN_ON = /<(?:[\w-]+:)?SingleSignOnService\s[^<>]*?\bLocation\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/g;

/** Where a metadata document takes sign-ins (SAML metadata 2.0, 2.4.3). */
function signOnAddresses(metadata: string): URL[] {
  return [...withoutComments(metadata).matchAll(SIGN_ON)].flatMap(
    ([, double, single]) => URL.parse(xmlText(double ?? single ?? "").trim()) ?? [],
  );
}

/** What XML hides between `<!--` and `-->`, in one go whatever the document holds. */
function withoutComments(xml: string): string {
  const [before = "", ...parts] = xml.split("<!--");
  const after = parts.map((part) => {
    const end = part.indexOf("-->");
    return end < 0 ? "" : part.slice(end + "-->".length);
  });
  return [before, ...after].join("");
}

/** Where a redirect leads, as it is told: of a page at the right host, what makes it another one. */
export function toldAddress(location: URL, target: ProviderTarget): string {
  const { host, pathname, searchParams } = location;
  if (target.kind === "dashboard") return host;
  const expected = target.kind === "oidc" ? target.issuer : (target.ssoUrl ?? target.metadataUrl ?? "");
  if (host !== URL.parse(expected)?.host) return host;
  const own = [...searchParams].filter(([name]) => target.kind === "saml" && !SAML_REQUEST.has(name));
  const query = new URLSearchParams(own).toString();
  return `${host}${pathname}${query === "" ? "" : `?${query}`}`;
}
