/** What WorkOS takes. Where its sources differ, the narrower one stands here. */

/** WorkOS docs, "Metadata": 10 pairs, keys of 40 and values of 600 characters, ASCII. (OpenAPI 0.61: 50 pairs.) */
export const METADATA_MAX_PAIRS = 10;
export const METADATA_KEY_MAX_LENGTH = 40;
export const METADATA_VALUE_MAX_LENGTH = 600;

/** WorkOS docs, "External identifiers": 64 ASCII characters. (OpenAPI 0.61: 128.) */
export const EXTERNAL_ID_MAX_LENGTH = 64;

/** An organization's. No source gives one: ours, narrower than any limit seen. */
export const ORGANIZATION_NAME_MAX_LENGTH = 255;

/** OpenAPI 0.61, `POST /authorization/roles` and `/authorization/permissions`. */
export const SLUG_MAX_LENGTH = 48;
export const ROLE_NAME_MAX_LENGTH = 48;
export const ROLE_DESCRIPTION_MAX_LENGTH = 150;

/** The alphabet of a role's slug is not documented: ours, narrower than any seen. */
export const ROLE_SLUG = /^[a-z0-9][a-z0-9_-]*$/;
/** OpenAPI 0.61: the slug of a role of one organization "must begin with 'org-'". Such a role may be there unseen. */
export const ORGANIZATION_ROLE_PREFIX = "org-";
/** OpenAPI 0.61: "lowercase and contain only letters, numbers, hyphens, underscores, colons, periods, and asterisks". */
export const PERMISSION_SLUG = /^[a-z0-9_:.*-]+$/;

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

export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
