import { z } from "zod";
import { gate, placement } from "./migration/credentials.ts";
import { organizations, roles } from "./migration/organizations.ts";
import { passwordResets } from "./migration/password-resets.ts";
import { attribute, MAX_NAMED_SUBS, name, perSecond, sub, subs } from "./migration/words.ts";

/**
 * The domain: what a migration file says, and the words every other room uses.
 * Imports nothing of the project but the parts of the file.
 */

/** AWS's own pattern and length for user pool ids (Cognito API, `UserPoolIdType`). */
const USER_POOL_ID = /^[\w-]+_[0-9a-zA-Z]+$/;
const USER_POOL_ID_MAX_LENGTH = 55;
const source = z.strictObject({
  region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region such as "eu-west-1"'),
  userPoolId: z
    .string()
    .max(USER_POOL_ID_MAX_LENGTH)
    .regex(USER_POOL_ID, 'must be a user pool id such as "eu-west-1_AbCdEfGhI"'),
});

const users = z.strictObject({
  /** WorkOS knows no disabled user, so `skip` is the only safe answer. */
  disabled: z.literal("skip").default("skip"),
  unconfirmed: z.enum(["import", "skip"]).default("import"),
  /** ARCHIVED, COMPROMISED, UNKNOWN and statuses that AWS may add. */
  quarantined: z.enum(["skip", "import"]).default("skip"),
  onExisting: z.enum(["skip", "adopt"]).default("skip"),
  decisions: z
    .record(sub, z.enum(["import", "skip"]))
    .refine((decisions) => Object.keys(decisions).length <= MAX_NAMED_SUBS, {
      message: `may name at most ${MAX_NAMED_SUBS} people`,
    })
    .default({}),
});

const only = z.union(
  [
    z.strictObject({ group: z.string().min(1).max(128) }),
    z.strictObject({ subs }),
    z.strictObject({ limit: z.number().int().positive() }),
  ],
  { error: 'must be one of {"group": "…"}, {"subs": ["…"]} or {"limit": 100}' },
);

/** A metadata value that is not one attribute: always the same, or several joined. */
const composed = z.union(
  [
    z.strictObject({ constant: z.string().min(1) }),
    z.strictObject({ join: z.array(attribute).min(2), with: z.string().default(" ") }),
  ],
  { error: 'must be one of {"constant": "…"} or {"join": ["…", "…"], "with": " "}' },
);

const pace = z.strictObject({
  writesPerSecond: perSecond.default(45),
  readsPerSecond: perSecond.default(90),
  /** Reads and writes together, where the destination limits their sum. */
  callsPerSecond: perSecond.default(95),
  pagesPerSecond: perSecond.default(10),
});

/** What `temporal workflow start --input-file` takes. It holds no personal data: people are named by sub. */
export const migrationSchema = z
  .strictObject({
    source,
    destination: z.strictObject({ kind: z.enum(["workos"]) }),
    users: users.prefault({}),
    /** Cognito attribute → the destination's metadata key; null for one that is left behind on purpose. */
    attributes: z
      .record(attribute, z.string().min(1).nullable())
      .refine((mapping) => hasNoTwins(Object.values(mapping).filter((target) => target !== null)), {
        message: "must not map two attributes to one key",
      })
      .default({}),
    /** Metadata key → its value, where that is not one attribute. */
    metadata: z.record(z.string().min(1), composed).default({}),
    /** What happens to a value that the destination would refuse. */
    attributesOverLimit: z.enum(["refuse", "drop"]).default("refuse"),
    organizations: organizations.prefault({ from: "none" }),
    roles: roles.optional(),
    /** Identity provider → the organization whose connection it becomes. */
    providers: z.record(name, placement).default({}),
    /** App client id → the organization that its machine-to-machine application belongs to. */
    clients: z.record(name, placement).default({}),
    /** Whether SAML providers go on knowing the service by Cognito's entity id, or by the destination's own. */
    samlEntityId: z.enum(["keep", "new"]).default("keep"),
    gate: gate.prefault({}),
    passwordResets: passwordResets.prefault({}),
    pace: pace.prefault({}),
    only: only.optional(),
    dryRun: z.boolean().default(false),
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
  });

/** Nulls aside. */
function hasNoTwins(keys: readonly (string | null)[]): boolean {
  const named = keys.filter((one) => one !== null);
  return new Set(named).size === named.length;
}

export type Migration = z.output<typeof migrationSchema>;
export type MigrationFile = z.input<typeof migrationSchema>;

export type Parsed<T> = { ok: true; value: T } | { ok: false; sentence: string };

/** Parses a migration file; the sentence names the first wrong place and what is allowed there. */
export function parseMigration(file: unknown): Parsed<Migration> {
  const parsed = migrationSchema.safeParse(file);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, sentence: `The migration file is wrong: ${explainIssue(parsed.error.issues[0])}` };
}

function explainIssue(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "it cannot be read.";
  const path = issue.path.length === 0 ? "the file" : `"${issue.path.join(".")}"`;
  if (issue.code === "unrecognized_keys")
    return `${path} has the unknown key "${issue.keys[0] ?? ""}"; remove it or mend its spelling.`;
  return `${path}: ${issue.message}.`;
}

export function workflowIdOf(userPoolId: string): string {
  return `migrate-${userPoolId}`;
}

export const WORK_ITEM_STATES = ["pending", "sending", "done", "failed", "skipped"] as const;
export type WorkItemState = (typeof WORK_ITEM_STATES)[number];

/** What the plan decides for one user. */
export type Action = "create" | "merge" | "skip";

/** Kinds of calls that are paced apart. `calls` is the sum of reads and writes at the destination. */
export type CallKind = "writes" | "reads" | "calls" | "resets" | "pages";

/** Every user ends with exactly one of these. */
export type Outcome = "imported" | "merged" | "skipped" | "failed" | "open";

/**
 * Why a user was not imported. Stable: reports, docs and decisions of operators refer to them.
 * The explanation is what the report prints beside the code.
 */
export const REASONS = {
  disabled: "The user is disabled in Cognito; importing would let them in.",
  unconfirmed: "The user signed up but never confirmed, and the file says to skip those.",
  quarantined_status: "The user's status is ARCHIVED, COMPROMISED, UNKNOWN or not known to Spillway.",
  no_email: "The user has no e-mail address, and the destination needs one.",
  email_refused: "The destination would refuse the e-mail address as malformed.",
  unverified_duplicate:
    "Several accounts share the e-mail address, and this one or the one imported is not verified: they may be different people.",
  merged_same_email: "The same person as another account: both have the same, verified e-mail address.",
  decision_disabled_member:
    "Several accounts share the e-mail address and one of them is disabled: a person must decide.",
  decision_nobody_verified:
    "Several accounts share the e-mail address and none is verified: a person must decide.",
  decision_too_many: "Over 1,000 accounts share the e-mail address: a person must decide.",
  decided_skip: 'The migration file says "skip" for this user.',
  not_selected: 'The user is outside of the selection made by "only".',
  exists_at_destination:
    "An account that Spillway did not make has this e-mail address at the destination, and the file says to skip.",
  exists_unverified:
    "An account with this e-mail address exists at the destination, and not both sides are verified: never adopted.",
  external_id_taken:
    "An account with this e-mail address exists at the destination and belongs to another external id.",
  changed_after_import: "The user changed in Cognito after the import; the account was left as imported.",
  removed_at_destination: "Spillway made this account, and somebody removed it at the destination since.",
} as const;
export type Reason = keyof typeof REASONS;
