import { z } from "zod";
import { attribute, group, key, name, slug } from "./words.ts";

/** What an organization is called at the destination, by its key: the value or the part of a group's name. */
const named = z
  .record(
    key,
    z.strictObject({
      name: name.optional(),
      /** Its key at the destination; the key itself unless given. */
      externalId: name.optional(),
      /** The organization will rule over every user with an address there: only ever made when told here. */
      verifiedDomains: z.array(z.hostname()).default([]),
    }),
  )
  .default({});

export const organizations = z.discriminatedUnion(
  "from",
  [
    z.strictObject({ from: z.literal("none"), named }),
    /** Everyone belongs to one organization. */
    z.strictObject({ from: z.literal("fixed"), organization: key, named }),
    /** Each value of the attribute is one. */
    z.strictObject({ from: z.literal("attribute"), attribute, named }),
    /** Each group whose name begins so is one; what follows is its key. */
    z.strictObject({ from: z.literal("group"), prefix: z.string().min(1).max(127), named }),
  ],
  { error: 'must say where organizations come from: "from" is none, fixed, attribute or group' },
);

export const roles = z.strictObject({
  from: z.literal("groups"),
  /** One role a membership, of the group with the lowest precedence; or all of them. */
  several: z.boolean().default(false),
  /** Group → slug; null for a group that is no role. Others get a slug made of their name. */
  groups: z.record(group, slug.nullable()).default({}),
  /** Slug of a role → slugs of permissions. */
  permissions: z.record(slug, z.array(slug).min(1)).default({}),
});
