import type { OrganizationRecord, RecordProblem, RoleRecord, UserRecord } from "../../domain/records.ts";
import {
  EXTERNAL_ID_MAX_LENGTH,
  isAscii,
  isEmail,
  isPrintableAscii,
  METADATA_KEY_MAX_LENGTH,
  METADATA_MAX_PAIRS,
  METADATA_VALUE_MAX_LENGTH,
  ORGANIZATION_NAME_MAX_LENGTH,
  ORGANIZATION_ROLE_PREFIX,
  PERMISSION_SLUG,
  ROLE_DESCRIPTION_MAX_LENGTH,
  ROLE_NAME_MAX_LENGTH,
  ROLE_SLUG,
  SLUG_MAX_LENGTH,
} from "./limits.ts";

/** What WorkOS would refuse; names (of any length and alphabet) are never refused. */
export function recordProblems(record: UserRecord): RecordProblem[] {
  const problems: RecordProblem[] = [];
  if (!isEmail(record.email)) problems.push({ attribute: "email", problem: "not an e-mail address" });
  const id = textProblem(record.externalId, EXTERNAL_ID_MAX_LENGTH);
  if (record.externalId === "") problems.push({ attribute: "externalId", problem: "empty" });
  else if (id !== null) problems.push({ attribute: "externalId", problem: id });
  const pairs = Object.entries(record.metadata);
  if (pairs.length > METADATA_MAX_PAIRS)
    problems.push({ attribute: "metadata", problem: `more than ${METADATA_MAX_PAIRS} pairs` });
  for (const [key, value] of pairs) {
    const ofKey = keyProblem(key);
    const problem = ofKey === null ? textProblem(value, METADATA_VALUE_MAX_LENGTH) : `its key is ${ofKey}`;
    if (problem !== null) problems.push({ attribute: key, problem });
  }
  return problems;
}

export function mappingProblems(metadataKeys: readonly string[]): string[] {
  const problems: string[] = [];
  const keys = new Set(metadataKeys);
  if (keys.size > METADATA_MAX_PAIRS)
    problems.push(`WorkOS takes ${METADATA_MAX_PAIRS} metadata keys a user; the file maps ${keys.size}.`);
  for (const key of keys) {
    const problem = keyProblem(key);
    if (problem !== null) problems.push(`WorkOS refuses the metadata key "${key}": it is ${problem}.`);
  }
  return problems;
}

function keyProblem(key: string): string | null {
  return key === "" ? "empty" : textProblem(key, METADATA_KEY_MAX_LENGTH);
}

function textProblem(text: string, maxLength: number): string | null {
  if (text.length > maxLength) return `longer than ${maxLength} characters`;
  return isAscii(text) ? null : "not plain ASCII";
}

/** What WorkOS would refuse of an organization. */
export function organizationProblems({ externalId, name }: OrganizationRecord): string[] {
  return [
    ...lengthProblems("its external id", externalId, EXTERNAL_ID_MAX_LENGTH),
    ...(isPrintableAscii(externalId) ? [] : ["its external id is not plain printable ASCII"]),
    // It is a part of the path by which it is looked up, where these two mean something else.
    ...([".", ".."].includes(externalId) ? ["its external id is nothing but dots"] : []),
    ...lengthProblems("its name", name.trim(), ORGANIZATION_NAME_MAX_LENGTH),
  ];
}

/** What WorkOS would refuse of a role and the permissions that it names. */
export function roleProblems({ slug, name, description, permissions }: RoleRecord): string[] {
  const problems = [
    ...slugProblems("its slug", slug, ROLE_SLUG, "small letters, digits, - and _, a letter or digit first"),
    ...(slug.startsWith(ORGANIZATION_ROLE_PREFIX) ? [KEPT_FOR_ONE_ORGANIZATION] : []),
    ...lengthProblems("its name", name.trim(), ROLE_NAME_MAX_LENGTH),
    ...longerThan("its description", description, ROLE_DESCRIPTION_MAX_LENGTH),
    ...permissions.flatMap((permission) =>
      slugProblems("a permission", permission, PERMISSION_SLUG, "small letters, digits and - _ : . *"),
    ),
  ];
  return [...new Set(problems)];
}

const KEPT_FOR_ONE_ORGANIZATION = `its slug begins with ${ORGANIZATION_ROLE_PREFIX}, which is kept for roles of one organization`;

function slugProblems(what: string, slug: string, shape: RegExp, alphabet: string): string[] {
  const ofLength = lengthProblems(what, slug, SLUG_MAX_LENGTH);
  return ofLength.length > 0 || shape.test(slug) ? ofLength : [`${what} is not made of ${alphabet}`];
}

function lengthProblems(what: string, text: string, maxLength: number): string[] {
  return text === "" ? [`${what} is empty`] : longerThan(what, text, maxLength);
}

function longerThan(what: string, text: string, maxLength: number): string[] {
  return text.length > maxLength ? [`${what} is longer than ${maxLength} characters`] : [];
}
