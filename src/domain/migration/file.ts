import { z } from "zod";
import { gate, placement } from "./credentials.ts";
import { organizations, roles } from "./organizations.ts";
import { pace } from "./pace.ts";
import { passwordResets } from "./password-resets.ts";
import { only, users } from "./people.ts";
import { place } from "./place.ts";
import { source } from "./source.ts";
import { attributes, hasNoTwins, metadata } from "./values.ts";
import { name } from "./words.ts";

/** Roles need organizations, as JSON Schema says it. */
const WITH_ROLES = {
  required: ["organizations"],
  properties: { organizations: { properties: { from: { enum: ["fixed", "attribute", "group"] } } } },
};

/** What `temporal workflow start --input-file` takes. It holds no personal data: people are named by sub. */
export const migrationSchema = z
  .strictObject({
    $schema: z
      .string()
      .exactOptional()
      .describe("The path of this schema, for editors. A run is the same without it."),
    source: source.describe("The Cognito user pool."),
    destination: place.describe("Where its users go."),
    users: users.prefault({}).describe("Who comes along, and what becomes of later changes."),
    attributes: attributes
      .default({})
      .describe(
        'Cognito attribute to metadata key at the destination, such as {"custom:plan": "plan"}; null for one that is left behind on purpose. It must be one of the pool\'s, and each key stands once.',
      ),
    metadata: metadata
      .default({})
      .describe(
        'Metadata key to its value, where that is not one attribute: {"constant": "…"} or {"join": ["…", "…"]}. No key that "attributes" maps to.',
      ),
    attributesOverLimit: z
      .enum(["refuse", "drop"])
      .default("refuse")
      .describe(
        'Values that the destination would refuse. "refuse" parks the run after its plan, before anything is written, "drop" imports the person without the value.',
      ),
    organizations: organizations
      .prefault({ from: "none" })
      .describe("What becomes an organization, and who belongs to it."),
    roles: roles.optional(),
    providers: z
      .record(name, placement)
      .default({})
      .describe(
        'Identity provider, by its name in Cognito, to the organization whose connection it becomes: SAML and most OIDC need one. {"skip": "why"} leaves it behind.',
      ),
    clients: z
      .record(name, placement)
      .default({})
      .describe(
        'Id of an app client that gets tokens for itself, to the organization of its application. {"skip": "why"} leaves any app client behind.',
      ),
    samlEntityId: z
      .enum(["keep", "new"])
      .default("keep")
      .describe(
        '"keep": SAML providers go on knowing the service by the entity id of Cognito. "new": by one of the destination.',
      ),
    gate: gate.prefault({}),
    passwordResets: passwordResets.prefault({}).describe("Who is mailed a link to set a password, and how."),
    pace: pace
      .prefault({})
      .describe(
        "How fast a run goes, in calls a second. `./spillway pace POOL` changes it while a run works.",
      ),
    only: only.optional().describe("A pilot: these people alone. The whole pool is read all the same."),
    dryRun: z
      .boolean()
      .default(false)
      .describe("Reads, plans and reports; writes nothing at the destination."),
  })
  .refine(
    ({ attributes, metadata }) => hasNoTwins([...Object.values(attributes), ...Object.keys(metadata)]),
    {
      path: ["metadata"],
      message: 'must not name a key that "attributes" maps to',
    },
  )
  .refine(({ roles, organizations }) => roles === undefined || organizations.from !== "none", {
    path: ["roles"],
    message:
      'needs "organizations": people have roles as members of one, for example {"from": "fixed", "organization": "all"}',
  })
  .meta({
    title: "Migration file of Spillway",
    description:
      "What a run does. docs/start.md names the keys that people decide about, examples/full.json shows nearly all.",
    dependencies: { roles: WITH_ROLES },
  })
  // A run is the same with it and without.
  .transform(({ $schema: _, ...file }) => file);
