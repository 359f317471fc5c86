import type { OrganizationRecord, RoleRecord } from "../structure.ts";
import {
  EXTERNAL_ID_MAX_LENGTH,
  isPrintableAscii,
  ORGANIZATION_NAME_MAX_LENGTH,
  PERMISSION_SLUG,
  ROLE_DESCRIPTION_MAX_LENGTH,
  ROLE_NAME_MAX_LENGTH,
  ROLE_SLUG,
  SLUG_MAX_LENGTH,
} from "./limits.ts";

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
    ...lengthProblems("its name", name.trim(), ROLE_NAME_MAX_LENGTH),
    ...longerThan("its description", description, ROLE_DESCRIPTION_MAX_LENGTH),
    ...permissions.flatMap((permission) =>
      slugProblems("a permission", permission, PERMISSION_SLUG, "small letters, digits and - _ : . *"),
    ),
  ];
  return [...new Set(problems)];
}

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
