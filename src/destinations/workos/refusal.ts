import { z } from "zod";
import type { ProviderFault, ProviderVerdict } from "../credentials.ts";
import { parseJson } from "./parse-json.ts";

/** What WorkOS says where it does not lead to a provider. */

const said = z.object({
  error: z.string().catch(""),
  error_description: z.string().catch(""),
  code: z.string().catch(""),
  message: z.string().catch(""),
});

/** As parameters of the redirect URI (RFC 6749, 4.1.2.1). */
export function refusalInQuery({ searchParams }: URL): ProviderVerdict {
  const error = searchParams.get("error") ?? "";
  return refusal(error, `${error} ${searchParams.get("error_description") ?? ""}`);
}

/** As the body of an answer: JSON, or a page. */
export function refusalInBody(body: string): ProviderVerdict {
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

export function wrong(code: ProviderFault, found: string | null = null): ProviderVerdict {
  return { kind: "wrong", code, found };
}
