import { z } from "zod";
import { attribute, group, key, name, slug } from "./words.ts";

const named = z
  .record(
    key,
    z.strictObject({
      name: name.optional().describe("Its name. Without it: the key."),
      externalId: name.optional().describe("Its external id at the destination. Without it: the key."),
      verifiedDomains: z
        .array(z.hostname())
        .default([])
        .describe("The organization rules over every user with an address of these domains, others' too."),
    }),
  )
  .default({})
  .describe("Organizations by their key, where the destination is to hold more than the key.");

export const organizations = z.discriminatedUnion(
  "from",
  [
    z.strictObject({ from: z.literal("none").describe("Nobody belongs to an organization."), named }),
    z.strictObject({
      from: z.literal("fixed").describe("Everybody belongs to one organization."),
      organization: key.describe("The key of the organization that everybody belongs to."),
      named,
    }),
    z.strictObject({
      from: z.literal("attribute").describe("Each value of an attribute is the key of an organization."),
      attribute: attribute.describe('The attribute in Cognito, such as "custom:tenant".'),
      named,
    }),
    z.strictObject({
      from: z.literal("group").describe("Groups whose names begin alike are organizations."),
      prefix: z.string().min(1).max(127).describe("How their names begin. What follows is the key."),
      named,
    }),
  ],
  { error: 'must say where organizations come from: "from" is none, fixed, attribute or group' },
);

export const roles = z
  .strictObject({
    from: z.literal("groups").describe("Each group is a role, but for those that are organizations."),
    several: z
      .boolean()
      .default(false)
      .describe(
        "Whether a member gets all roles. Otherwise the one of the group with the lowest precedence.",
      ),
    groups: z
      .record(group, slug.nullable())
      .default({})
      .describe(
        'Group to the slug of its role, such as {"Administrators": "admin"}; null for a group that is no role. Others get a slug by name.',
      ),
    permissions: z
      .record(slug, z.array(slug).min(1))
      .default({})
      .describe('Slug of a role to the slugs of its permissions, such as {"admin": ["users:manage"]}.'),
  })
  .describe('Which groups are roles. Needs "organizations". Without it groups become nothing.');
