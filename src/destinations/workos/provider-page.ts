import type { ProviderFault } from "../credentials.ts";
import { isPrivateWay, type Visited, visit } from "./visit.ts";

/** The provider's page is a second opinion: it is not waited for much longer than a person would. */
export const PROVIDER_TIMEOUT_MS = 5_000;

/** RFC 6749, 5.2; Google's and Microsoft's own words for a redirect URI, Microsoft's for an unknown client. */
const CLEAR_WORDS: readonly [word: RegExp, fault: ProviderFault][] = [
  [/\bredirect_uri_mismatch\b|AADSTS50011\b/, "redirect_uri_missing"],
  [/\binvalid_client\b|AADSTS700016\b/, "invalid_client"],
];

/** What the sign-in page itself says against this sign-in; null when it says nothing, or nothing clear. */
export async function faultOnPage(signIn: URL): Promise<ProviderFault | null> {
  if (!isPrivateWay(signIn)) return null;
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
