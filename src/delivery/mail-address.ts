/** The form that goes into a mail's header and envelope as it is, so that no address can become two, or a header. */

export interface MailAddress {
  /** Empty for none. */
  name: string;
  address: string;
}

/** RFC 5321, 4.5.3.1. */
const LOCAL_MAX_BYTES = 64;
const ADDRESS_MAX_BYTES = 254;
/** A dot-atom (RFC 5322, 3.2.3), with what RFC 6531 adds beyond ASCII. Quoted local parts are not taken. */
const ATOM = /[^\s\p{C}()<>[\]:;@\\,."]+/u.source;
const ADDRESS = new RegExp(`^${ATOM}(\\.${ATOM})*@${ATOM}(\\.${ATOM})*$`, "u");
const NAME = /^[^\p{C}<>"]*$/u;

export function isMailAddress(text: string): boolean {
  if (!ADDRESS.test(text)) return false;
  const localBytes = Buffer.byteLength(text.slice(0, text.indexOf("@")));
  return localBytes <= LOCAL_MAX_BYTES && Buffer.byteLength(text) <= ADDRESS_MAX_BYTES;
}

/** `a@example.com` or `Name <a@example.com>`; null for anything else. The address itself is not checked. */
export function parseSender(text: string): MailAddress | null {
  const [, name = "", address] = /^(.*?)\s*<([^<>]+)>$/.exec(text) ?? [];
  if (address === undefined) return { name: "", address: text };
  const plain = name.replace(/^"([^"]*)"$/, "$1");
  return NAME.test(plain) ? { name: plain, address } : null;
}
