/** What WorkOS takes for a user. Where its sources differ, the narrower one stands here. */

/** WorkOS docs, "Metadata": 10 pairs, keys of 40 and values of 600 characters, ASCII. (OpenAPI 0.61: 50 pairs.) */
export const METADATA_MAX_PAIRS = 10;
export const METADATA_KEY_MAX_LENGTH = 40;
export const METADATA_VALUE_MAX_LENGTH = 600;

/** WorkOS docs, "External identifiers": 64 ASCII characters. (OpenAPI 0.61: 128.) */
export const EXTERNAL_ID_MAX_LENGTH = 64;

/** RFC 5321, 4.5.3.1: a path of 256 with its brackets, a local part of 64. */
const EMAIL_MAX_LENGTH = 254;
const EMAIL_LOCAL_MAX_LENGTH = 64;

/** OpenAPI 0.61, `CreateUserlandUserDto.email`: `format: email`, so a dot-string of RFC 5321 at a domain name. */
const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const EMAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${LABEL}$`, "i");

export function isEmail(email: string): boolean {
  if (email.length > EMAIL_MAX_LENGTH || email.indexOf("@") > EMAIL_LOCAL_MAX_LENGTH) return false;
  return EMAIL.test(email);
}

export function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
