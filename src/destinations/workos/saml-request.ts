import { inflateRawSync } from "node:zlib";

const MAX_REQUEST_BYTES = 64 * 1_024;
const ISSUER = /<(?:[\w-]+:)?Issuer(?:\s[^>]*)?>([^<]*)</;
const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/**
 * Who a sign-in request says it comes from: the `Issuer` of a `SAMLRequest` (SAML 2.0 Bindings, 3.4.4.1: deflated,
 * then base64). Null when it cannot be read.
 */
export function issuerOf(samlRequest: string): string | null {
  const xml = inflated(samlRequest);
  const issuer = ISSUER.exec(xml)?.[1];
  return issuer?.trim().replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity) ?? null;
}

function inflated(text: string): string {
  try {
    const bytes = Buffer.from(text, "base64");
    return inflateRawSync(bytes, { maxOutputLength: MAX_REQUEST_BYTES }).toString("utf8");
  } catch {
    return "";
  }
}
