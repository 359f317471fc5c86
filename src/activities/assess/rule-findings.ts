import type { KnownClient, PoolConfiguration } from "../../cognito/configuration.ts";
import type { PoolShape } from "../../cognito/source.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Finding } from "../../ledger/findings.ts";
import type { Migration } from "../../migration.ts";
import { organizationOfGroup } from "../../plan/organizations.ts";
import { namedAttributes } from "../../plan/record.ts";
import { slugConflicts } from "../../plan/roles.ts";
import { sendableRoles } from "../plan/plan-roles.ts";

/** Whom a finding is about, for the count that is told with it. */
export type Concerned = { attribute: string } | { groups: readonly string[] } | "everyone";
export type Draft = Omit<Finding, "phase"> & { concerned?: Concerned };

const blocker = (code: string, subject: string, sentence: string, concerned?: Concerned): Draft => ({
  severity: "blocker",
  code,
  subject,
  sentence,
  ...(concerned !== undefined && { concerned }),
});

const MEND = "mend the migration file and start again";
const MAX_NAMED = 3;

/** Where the file's rules do not fit the pool, or would give somebody what they could take by themselves. */
export function ruleFindings(
  file: Migration,
  shape: PoolShape,
  configuration: PoolConfiguration,
  destination: Destination,
): Draft[] {
  return [
    ...unknownAttributes(file, shape),
    ...selfWritable(file, configuration.clients),
    ...mappedByProviders(file, configuration),
    ...unknownGroups(file, configuration),
    ...roleFindings(file, configuration, destination),
  ];
}

function unknownAttributes(file: Migration, shape: PoolShape): Draft[] {
  return namedAttributes(file)
    .filter((attribute) => !shape.attributeNames.includes(attribute))
    .map((attribute) =>
      blocker(
        "attribute_unknown",
        attribute,
        `The pool has no attribute "${attribute}", which the file names; ${MEND}.`,
        "everyone",
      ),
    );
}

/** Whoever may write the attribute chooses their own organization. */
function selfWritable({ organizations }: Migration, clients: readonly KnownClient[]): Draft[] {
  if (organizations.from !== "attribute") return [];
  const { attribute } = organizations;
  const writers = clients.filter((client) => mayWrite(client, attribute)).map(({ name }) => `"${name}"`);
  if (writers.length === 0) return [];
  const more = writers.length > MAX_NAMED ? ` and ${writers.length - MAX_NAMED} more` : "";
  const named = `${writers.slice(0, MAX_NAMED).join(", ")}${more}`;
  return [
    blocker(
      "attribute_self_writable",
      attribute,
      `Users can write "${attribute}", which decides their organization, through the app clients ${named}: anyone could join any organization. Take the attribute from the clients' write attributes in Cognito, look at the values that stand there, and resume; or use another rule.`,
      { attribute },
    ),
  ];
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
    .map(({ name }) => ({
      severity: "warning",
      code: "attribute_from_provider",
      subject: name,
      sentence: `The provider "${name}" writes "${attribute}", which decides organizations: whoever runs the provider decides who belongs where.`,
    }));
}

function unknownGroups(file: Migration, { groups }: PoolConfiguration): Draft[] {
  const names = new Set(groups.map(({ name }) => name));
  const drafts = Object.keys(file.roles?.groups ?? {})
    .filter((name) => !names.has(name))
    .map((name) =>
      blocker(
        "group_unknown",
        name,
        `The pool has no group "${name}", which "roles.groups" names; ${MEND}.`,
        "everyone",
      ),
    );
  const { organizations } = file;
  if (organizations.from !== "group") return drafts;
  if (groups.some(({ name }) => organizationOfGroup(organizations, name) !== null)) return drafts;
  const { prefix } = organizations;
  return [
    ...drafts,
    blocker(
      "group_prefix_unknown",
      prefix,
      `No group of the pool begins with "${prefix}", the prefix of organizations; ${MEND}.`,
      "everyone",
    ),
  ];
}

function roleFindings(file: Migration, { groups }: PoolConfiguration, destination: Destination): Draft[] {
  const { roles, records } = sendableRoles(file, groups, destination);
  const conflicts = slugConflicts(file, roles).map((same) => {
    const names = same.map(({ group }) => `"${group}"`).join(" and ");
    const slug = same[0]?.slug ?? "";
    return blocker(
      "role_slug_conflict",
      slug,
      `The groups ${names} would both become the role "${slug}"; give each its slug in "roles.groups" (the same one, if they are one role) and start again.`,
      { groups: same.map(({ group }) => group) },
    );
  });
  const refused = records.flatMap((record) =>
    destination.structure
      .roleProblems(record)
      .map((problem) =>
        blocker(
          "role_refused",
          record.slug,
          `The destination would refuse the role "${record.slug}" of the group "${groupOf(roles, record.slug)}": ${problem}; give it another slug in "roles.groups" and start again.`,
          { groups: [groupOf(roles, record.slug)] },
        ),
      ),
  );
  const slugs = new Set(records.map(({ slug }) => slug));
  const strangers = Object.keys(file.roles?.permissions ?? {})
    .filter((slug) => !slugs.has(slug))
    .map((slug) =>
      blocker(
        "role_unknown",
        slug,
        `No group becomes the role "${slug}", to which "roles.permissions" gives permissions; ${MEND}.`,
      ),
    );
  return [...conflicts, ...refused, ...strangers];
}

function groupOf(roles: readonly { slug: string; group: string }[], slug: string): string {
  return roles.find((role) => role.slug === slug)?.group ?? "";
}
