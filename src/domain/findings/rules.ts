import { inSentence } from "../sentence.ts";
import { kind, MAY_BE_ADDRESS, MEND, mendName, named, organizationsNamed, quoted } from "./kind.ts";

/** What the file makes of attributes, groups, organizations and roles. */
export const RULE_FINDINGS = {
  not_taken: kind<{ key: "organizations" | "roles" | "passwordResets"; what: string }>({
    severity: "blocker",
    subject: ({ key }) => key,
    what: ({ key, what }) => `The destination takes no ${what}, for which the file asks in "${key}".`,
    advice: MEND,
  }),
  attribute_unknown: kind<{ attribute: string; instead: string | null }>({
    severity: "blocker",
    subject: ({ attribute }) => attribute,
    what: ({ attribute }) => `The pool has no attribute ${quoted(attribute)}, which the file names.`,
    advice: mendName,
  }),
  attribute_self_writable: kind<{ attribute: string; clients: readonly string[] }>({
    severity: "blocker",
    subject: ({ attribute }) => attribute,
    what: ({ attribute, clients }) =>
      `Users can write ${quoted(attribute)}, which decides their organization, through the app clients ${named(clients)}: anyone could join any organization.`,
    advice:
      "Take the attribute from the clients' write attributes in Cognito, look at the values that stand there, and resume; or use another rule.",
    concerned: ({ attribute }) => ({ attribute }),
    outsideFile: true,
  }),
  attribute_from_provider: kind<{ provider: string; attribute: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider, attribute }) =>
      `The provider ${quoted(provider)} writes ${quoted(attribute)}, which decides organizations: whoever runs the provider decides who belongs where.`,
    advice: "Make sure that you trust them with that.",
  }),
  verified_by_provider: kind<{ provider: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider }) =>
      `The provider ${quoted(provider)} writes "email_verified": whoever runs it can make an account of theirs count as that of anybody whose address they give it.`,
    advice:
      'Trust them with that, or take it out of the attribute mapping in Cognito and set its people to unverified, or name them with "skip" in "users.decisions".',
  }),
  group_unknown: kind<{ group: string; key: "roles.groups" | "only.group"; instead: string | null }>({
    severity: "blocker",
    subject: ({ group }) => group,
    what: ({ group, key }) => `The pool has no group ${quoted(group)}, which "${key}" names.`,
    advice: mendName,
  }),
  group_prefix_unknown: kind<{ prefix: string }>({
    severity: "blocker",
    subject: ({ prefix }) => prefix,
    what: ({ prefix }) => `No group of the pool begins with ${quoted(prefix)}, the prefix of organizations.`,
    advice: MEND,
  }),
  groups_not_moved: kind<{ groups: number }>({
    severity: "info",
    subject: () => "groups",
    what: ({ groups }) => `The pool has ${groups} groups, and the file makes nothing of them.`,
    advice: 'Set "roles" or "organizations" where they are to come along.',
  }),
  role_slug_conflict: kind<{ slug: string; groups: readonly string[] }>({
    severity: "blocker",
    subject: ({ slug }) => slug,
    what: ({ slug, groups }) =>
      `The groups ${named(groups)} would ${groups.length > 2 ? "all" : "both"} become the role ${quoted(slug)}.`,
    advice: 'Give each its slug in "roles.groups" (the same one, if they are one role) and start again.',
    concerned: ({ groups }) => ({ groups }),
  }),
  role_refused: kind<{ slug: string; group: string; problem: string }>({
    severity: "blocker",
    subject: ({ slug }) => slug,
    what: ({ slug, group, problem }) =>
      `The destination would refuse the role ${quoted(slug)} of the group ${quoted(group)}: ${problem}.`,
    advice: 'Give it another slug in "roles.groups" and start again.',
    concerned: ({ group }) => ({ groups: [group] }),
  }),
  role_taken: kind<{ group: string; slug: string }>({
    severity: "warning",
    subject: ({ slug }) => slug,
    what: ({ group, slug }) =>
      `The group ${quoted(group)} becomes the role ${quoted(slug)} by its name alone, and that role stands at the destination already: members get what that role may do there.`,
    advice: ({ group, slug }) =>
      `Name the slug in "roles.groups" if that is meant, \`{${inSentence(JSON.stringify(group))}: "${slug}"}\`, or another one, or leave the group out with \`null\`.`,
    concerned: ({ group }) => ({ groups: [group] }),
  }),
  role_unknown: kind<{ slug: string; instead: string | null }>({
    severity: "blocker",
    subject: ({ slug }) => slug,
    what: ({ slug }) =>
      `No group becomes the role ${quoted(slug)}, to which "roles.permissions" gives permissions.`,
    advice: mendName,
  }),
  organization_refused: kind<{ problem: string; organizations: readonly string[]; count: number }>({
    severity: "blocker",
    subject: ({ problem }) => problem,
    what: ({ problem, organizations, count }) =>
      `The destination would refuse ${organizationsNamed(organizations, count)}: ${problem}.`,
    advice: 'Give each a name and an externalId that fit in "organizations.named" and start again.',
  }),
  organization_unknown: kind<{ organization: string; instead: string | null }>({
    severity: "warning",
    subject: ({ organization }) => organization,
    what: ({ organization }) =>
      `Nobody belongs to an organization ${quoted(organization)}, which "organizations.named" names: what it says of it is not used.`,
    advice: mendName,
  }),
  organization_twins: kind<{ organizations: readonly string[]; count: number }>({
    severity: "warning",
    subject: ({ organizations }) => organizations[0] ?? "organizations",
    what: ({ organizations, count }) =>
      organizations.length === 0
        ? `${count} organizations, whose names ${MAY_BE_ADDRESS}, differ from another one in nothing but case or spaces, and each becomes one of its own.`
        : `The organizations ${named(organizations, count)} differ in nothing but their case or spaces, and each becomes one of its own.`,
    advice: "Give their people one spelling in Cognito where they are one customer.",
  }),
};
