import { z } from "zod";
import type { ProviderTarget, ProviderVerdict } from "../credentials.ts";
import { discoveryEndpoint } from "./connection-body.ts";
import { DASHBOARD_PROVIDERS, isDashboardProvider } from "./dashboard-providers.ts";
import { parseJson } from "./parse-json.ts";
import { faultOnPage, PROVIDER_TIMEOUT_MS } from "./provider-page.ts";
import { wrong } from "./refusal.ts";
import { issuerOf } from "./saml-request.ts";
import { isPrivateWay, visit } from "./visit.ts";

/** Longer ids are shown cut: what stands there is the vendor's. */
const MAX_FOUND_LENGTH = 200;

/** Whether a redirect leads to the provider, as the client that the provider knows, and is welcome there. */
export async function judge(location: URL, target: ProviderTarget): Promise<ProviderVerdict> {
  if (!(await leadsToProvider(location, target))) return wrong("wrong_host", location.host);
  const mistaken = target.kind === "saml" ? entityFault(location, target) : clientFault(location, target);
  if (mistaken !== null) return mistaken;
  const fault = await faultOnPage(location);
  return fault === null ? { kind: "verified" } : wrong(fault);
}

function leadsToProvider(location: URL, target: ProviderTarget): boolean | Promise<boolean> {
  switch (target.kind) {
    case "dashboard":
      return isAt(location, new URL(`https://${signInHost(target.provider)}`));
    case "saml":
      return isAt(location, URL.parse(target.ssoUrl));
    case "oidc":
      return isAt(location, URL.parse(target.issuer)) || isAtEndpoint(location, target.issuer);
  }
}

function signInHost(provider: string): string {
  if (!isDashboardProvider(provider)) throw new Error(`No sign-in page is known for ${provider}.`);
  return DASHBOARD_PROVIDERS[provider].signInHost;
}

/** By https, or in the way in which the provider itself names its address. */
function isAt(location: URL, expected: URL | null): boolean {
  if (expected === null || location.host !== expected.host) return false;
  return location.protocol === "https:" || location.protocol === expected.protocol;
}

const discovered = z.object({ authorization_endpoint: z.url() });

/** An issuer may keep its sign-in page at another host: its discovery document says so. */
async function isAtEndpoint(location: URL, issuer: string): Promise<boolean> {
  const url = URL.parse(discoveryEndpoint(issuer));
  if (url === null || !isPrivateWay(url)) return false;
  const page = await visit(url, PROVIDER_TIMEOUT_MS);
  const document = discovered.safeParse(parseJson(page?.body ?? ""));
  return document.success && isAt(location, URL.parse(document.data.authorization_endpoint));
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
