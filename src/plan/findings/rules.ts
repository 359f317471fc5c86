import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownClient, PoolConfiguration, PoolShape, ProviderType } from "../../domain/pool.ts";
import type { KnowsStructure } from "../../domain/records.ts";
import { organizationOfGroup } from "../organizations.ts";
import { namedAttributes } from "../record.ts";
import { rolesByName, sendableRoles, slugConflicts } from "../roles.ts";
import { groupOf } from "../selection.ts";
import { unknownNames } from "./names.ts";

/** Where the file's rules do not fit the pool, or would give somebody what they could take by themselves. */
export function ruleFindings(
  file: Migration,
  shape: PoolShape,
  configuration: PoolConfiguration,
  destination: KnowsStructure,
): Draft[] {
  return [
    ...unknownAttributes(file, shape),
    ...selfWritable(file, configuration.clients),
    ...mappedByProviders(file, configuration),
    ...verifiedByProviders(configuration),
    ...groupFindings(file, configuration),
    ...roleFindings(file, configuration, destination),
  ];
}

export function unknownAttributes(file: Migration, { attributeNames }: PoolShape): Draft[] {
  return unknownNames(namedAttributes(file), attributeNames).map(({ name, instead }) =>
    finding("attribute_unknown", { attribute: name, instead }),
  );
}

/** Whoever may write the attribute chooses their own organization. */
function selfWritable({ organizations }: Migration, clients: readonly KnownClient[]): Draft[] {
  if (organizations.from !== "attribute") return [];
  const { attribute } = organizations;
  const writers = clients.filter((client) => mayWrite(client, attribute)).map(({ name }) => name);
  return writers.length === 0 ? [] : [finding("attribute_self_writable", { attribute, clients: writers })];
}

/** Without a list of its own a client's users may write every standard attribute (Cognito, `WriteAttributes`). */
function mayWrite({ writeAttributes }: KnownClient, attribute: string): boolean {
  if (writeAttributes !== null) return writeAttributes.includes(attribute);
  return !attribute.startsWith("custom:") && !attribute.startsWith("dev:");
}

function mappedByProviders({ organizations }: Migration, { providers }: PoolConfiguration): Draft[] {
  if (organizations.from !== "attribute") return [];
  const { attribute } = organizations;
  return providers
    .filter(({ attributeMapping }) => Object.hasOwn(attributeMapping, attribute))
    .map(({ name }) => finding("attribute_from_provider", { provider: name, attribute }));
}

/** They verify addresses themselves, or have the word of whoever does: that it is mapped is the usual thing. */
const SOCIAL: readonly string[] = [
  "Google",
  "Facebook",
  "SignInWithApple",
  "LoginWithAmazon",
] satisfies ProviderType[];

/** Any other is a customer's own, who may say of an address what they like; also of one that stays behind, for its people come. */
function verifiedByProviders({ providers }: PoolConfiguration): Draft[] {
  return providers
    .filter(
      ({ type, attributeMapping }) =>
        !SOCIAL.includes(type) && Object.hasOwn(attributeMapping, "email_verified"),
    )
    .map(({ name }) => finding("verified_by_provider", { provider: name }));
}

function groupFindings(file: Migration, { groups }: PoolConfiguration): Draft[] {
  const names = groups.map(({ name }) => name);
  const only = groupOf(file);
  const unknown = (key: "roles.groups" | "only.group", wanted: readonly string[]) =>
    unknownNames(wanted, names).map(({ name, instead }) =>
      finding("group_unknown", { group: name, key, instead }),
    );
  const isUsed = file.roles !== undefined || file.organizations.from === "group";
  return [
    ...unknown("roles.groups", Object.keys(file.roles?.groups ?? {})),
    ...unknown("only.group", only === null ? [] : [only]),
    ...unknownPrefix(file, names),
    ...(isUsed || groups.length === 0 ? [] : [finding("groups_not_moved", { groups: groups.length })]),
  ];
}

function unknownPrefix({ organizations }: Migration, groups: readonly string[]): Draft[] {
  if (organizations.from !== "group") return [];
  if (groups.some((name) => organizationOfGroup(organizations, name) !== null)) return [];
  return [finding("group_prefix_unknown", { prefix: organizations.prefix })];
}

function roleFindings(file: Migration, { groups }: PoolConfiguration, destination: KnowsStructure): Draft[] {
  const { roles, records } = sendableRoles(file, groups, destination);
  const conflicts = slugConflicts(file, roles).map((same) =>
    finding("role_slug_conflict", { slug: same[0]?.slug ?? "", groups: same.map(({ group }) => group) }),
  );
  const refused = records.flatMap((record) => {
    const { slug } = record;
    const group = roles.find((role) => role.slug === slug)?.group ?? "";
    const problems = destination.roleProblems(record);
    return problems.map((problem) => finding("role_refused", { slug, group, problem }));
  });
  const unknown = unknownNames(
    Object.keys(file.roles?.permissions ?? {}),
    records.map(({ slug }) => slug),
  ).map(({ name, instead }) => finding("role_unknown", { slug: name, instead }));
  return [...conflicts, ...refused, ...unknown];
}

/** Members would get what these roles may do already: that a name slugifies to theirs says nothing of what is meant. */
export function takenRoles(
  file: Migration,
  { groups }: PoolConfiguration,
  foreignRoles: readonly string[],
): Draft[] {
  return rolesByName(file, groups)
    .filter(({ slug }) => foreignRoles.includes(slug))
    .map(({ group, slug }) => finding("role_taken", { group, slug }));
}
