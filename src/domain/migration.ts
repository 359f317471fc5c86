import { z } from "zod";
import { namedByAddress } from "./migration/addresses.ts";
import { gate, placement } from "./migration/credentials.ts";
import { organizations, roles } from "./migration/organizations.ts";
import { passwordResets } from "./migration/password-resets.ts";
import { place } from "./migration/place.ts";
import { attribute, MAX_NAMED_SUBS, name, perSecond, sub, subs } from "./migration/words.ts";
import { placeOf, plainIssue, typed } from "./plain-issue.ts";

/**
 * The domain: what a migration file says, and the words every other room uses.
 * Imports nothing of the project but the parts of the file.
 */

/** AWS's own pattern and length for user pool ids (Cognito API, `UserPoolIdType`). */
const USER_POOL_ID = /^[\w-]+_[0-9a-zA-Z]+$/;
const USER_POOL_ID_MAX_LENGTH = 55;
export const userPoolId = z
  .string()
  .max(USER_POOL_ID_MAX_LENGTH)
  .regex(USER_POOL_ID, 'must be a user pool id such as "eu-west-1_AbCdEfGhI"');
const source = z.strictObject({
  region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region such as "eu-west-1"'),
  userPoolId,
});

const users = z.strictObject({
  /** Nobody who is disabled may become active, so `skip` is the only answer for a destination that disables nobody. */
  disabled: z.literal("skip").default("skip"),
  unconfirmed: z.enum(["import", "skip"]).default("import"),
  /** ARCHIVED, COMPROMISED, UNKNOWN and statuses that AWS may add. */
  quarantined: z.enum(["skip", "import"]).default("skip"),
  onExisting: z.enum(["skip", "adopt"]).default("skip"),
  /** Disabled in the source after their import; those whom this migration made are meant, nobody else. */
  disabledLater: z.enum(["report", "removeMemberships", "delete"]).default("report"),
  /** Deleted in the source after their import; likewise. */
  deletedLater: z.enum(["report", "delete"]).default("report"),
  /** What becomes of a value that somebody changed at the destination, and that is another one in the source by now. */
  changedThere: z.enum(["keep", "overwrite"]).default("keep"),
  /** `readdress`: the account of the person gets the address that they have now. */
  decisions: z
    .record(sub, z.enum(["import", "skip", "readdress"]))
    .refine((decisions) => Object.keys(decisions).length <= MAX_NAMED_SUBS, {
      message: `may name at most ${MAX_NAMED_SUBS} people`,
    })
    .default({}),
});

/** A refinement: where zod's own check for whole numbers fails, it answers for the whole union. */
const people = z
  .number()
  .refine((count) => Number.isSafeInteger(count) && count > 0, { message: "must be a whole number above 0" });

const only = z.union(
  [
    z.strictObject({ group: z.string().min(1).max(128) }),
    z.strictObject({ subs }),
    z.strictObject({ limit: people }),
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

/** Where the file names none, the destination's own. */
const pace = z.strictObject({
  writesPerSecond: perSecond.exactOptional(),
  readsPerSecond: perSecond.exactOptional(),
  /** Reads and writes together, where the destination limits their sum. */
  callsPerSecond: perSecond.exactOptional(),
  pagesPerSecond: perSecond.default(10),
});

/** What `temporal workflow start --input-file` takes. It holds no personal data: people are named by sub. */
export const migrationSchema = z
  .strictObject({
    source,
    destination: place,
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

export type MigrationFile = z.input<typeof migrationSchema>;
type ParsedFile = z.output<typeof migrationSchema>;

/** Calls a second that leave a destination room for live sign-ins. */
export interface DestinationPace {
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
  readonly callsPerSecond: number;
  readonly resetsPerSecond: number;
}

/** A migration file with everything that it leaves to others. */
export interface Migration extends ParsedFile {
  pace: ParsedFile["pace"] & Omit<DestinationPace, "resetsPerSecond">;
  passwordResets: ParsedFile["passwordResets"] & { perSecond: number };
}

/** What a file can name as its destination. */
export interface KnownDestination {
  readonly kind: string;
  readonly facts: { readonly pace: DestinationPace };
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; sentence: string };

/** Temporal takes 2 MB at most, the rest of a message included. */
const MAX_FILE_BYTES = 1_500_000;

/** Parses a migration file; what is wrong is told with its place and what is allowed there, all of it at once. */
export function parseMigration(file: unknown, destinations: readonly KnownDestination[]): Parsed<Migration> {
  const text = textOf(file);
  if (text === null) return wrong("it is nested too deeply; see docs/start.md for what it holds.");
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FILE_BYTES)
    return {
      ok: false,
      sentence: `The migration file is too large: ${megabytes(bytes)} MB as JSON without spaces, and a run takes ${megabytes(MAX_FILE_BYTES)} MB; name fewer people in it.`,
    };
  const address = namedByAddress(file);
  if (address !== null) return wrong(address);
  const parsed = migrationSchema.safeParse(file, { error: plainIssue });
  if (!parsed.success) return wrong(explainIssues(parsed.error.issues));
  const { kind } = parsed.data.destination;
  const destination = destinations.find((one) => one.kind === kind);
  if (destination === undefined) {
    const kinds = destinations.map((one) => `"${one.kind}"`).join(" or ");
    return wrong(`"destination.kind": must be ${kinds}.`);
  }
  return { ok: true, value: atPace(parsed.data, destination.facts.pace) };
}

/** Null for lists in lists in lists, which end the stack. */
function textOf(file: unknown): string | null {
  try {
    return JSON.stringify(file) ?? "";
  } catch {
    return null;
  }
}

/** What `parseMigration` gave, kept since: a run may have begun before the file had all of its keys. */
export function keptMigration(file: unknown): Migration {
  // Kept with every rate of its pace.
  return migrationSchema.parse(file) as Migration;
}

function atPace(file: ParsedFile, { resetsPerSecond, ...rates }: DestinationPace): Migration {
  const { pace, passwordResets } = file;
  return {
    ...file,
    pace: { ...rates, ...pace },
    passwordResets: { ...passwordResets, perSecond: passwordResets.perSecond ?? resetsPerSecond },
  };
}

function wrong(what: string): Parsed<never> {
  return { ok: false, sentence: `The migration file is wrong: ${what}` };
}

function megabytes(bytes: number): string {
  return (Math.ceil(bytes / 10_000) / 100).toFixed(2);
}

/** More of them are counted: one mistake may be behind all. */
const MAX_TOLD = 5;

function explainIssues(issues: readonly z.core.$ZodIssue[]): string {
  const told = [...new Set(issues.flatMap(explainIssue))];
  const more = told.length - MAX_TOLD;
  const [first = "it cannot be read.", ...others] = told.slice(0, MAX_TOLD);
  const sentences = others.map((one) => one.charAt(0).toUpperCase() + one.slice(1));
  return [first, ...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(" ");
}

function explainIssue(issue: z.core.$ZodIssue): string[] {
  // The key itself is what is wrong.
  const steps = issue.code === "invalid_key" ? issue.path.slice(0, -1) : issue.path;
  const path = steps.length === 0 ? "the file" : placeOf(steps);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map(
      (key) => `${path} has the unknown key ${typed(key)}; remove it or mend its spelling.`,
    );
  return [`${path}: ${issue.message}.`];
}

/** Kinds of calls that are paced apart. `calls` is the sum of reads and writes at the destination. */
export type CallKind = "writes" | "reads" | "calls" | "resets" | "pages";
