import type { z } from "zod";
import { isPlaceOfAddress, namedByAddress } from "./migration/addresses.ts";
import { migrationSchema } from "./migration/file.ts";
import { UNUSABLE_KEY, withUnusableKey } from "./migration/unusable-key.ts";
import { placeOf, plainIssue, typed } from "./plain-issue.ts";

/**
 * The domain: what a migration file says, and the words every other room uses.
 * Imports nothing of the project but the parts of the file.
 */

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
export const MAX_FILE_BYTES = 1_500_000;

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
  const unusable = withUnusableKey(file);
  if (unusable !== null) return wrong(unusable);
  const addresses = namedByAddress(file);
  const parsed = migrationSchema.safeParse(file, { error: plainIssue });
  const issues = parsed.error?.issues.filter(({ path }) => !isPlaceOfAddress(path)) ?? [];
  if (!parsed.success || addresses.length > 0)
    return wrong(explained([...addresses, ...issues.flatMap(explainIssue)]));
  if (Object.values(parsed.data.attributes).includes(UNUSABLE_KEY))
    return wrong(`"attributes": no metadata key can be called "${UNUSABLE_KEY}"; map to another one.`);
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

export function megabytes(bytes: number): string {
  return (Math.ceil(bytes / 10_000) / 100).toFixed(2);
}

/** More of them are counted: one mistake may be behind all. */
const MAX_TOLD = 20;

function explained(mistakes: readonly string[]): string {
  const all = [...new Set(mistakes)];
  // One more takes no more room than its count.
  const told = all.length === MAX_TOLD + 1 ? all : all.slice(0, MAX_TOLD);
  const more = all.length - told.length;
  const [first = "it cannot be read.", ...others] = told;
  const sentences = others.map((one) => one.charAt(0).toUpperCase() + one.slice(1));
  return [first, ...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(" ");
}

function explainIssue(issue: z.core.$ZodIssue): string[] {
  // The key itself is what is wrong.
  const steps = issue.code === "invalid_key" ? issue.path.slice(0, -1) : issue.path;
  const path = placeOf(steps, "the file");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map(
      (key) => `${path} has the unknown key ${typed(key)}; remove it or mend its spelling.`,
    );
  return [`${path}: ${issue.message}.`];
}

/** Kinds of calls that are paced apart. `calls` is the sum of reads and writes at the destination. */
export type CallKind = "writes" | "reads" | "calls" | "resets" | "pages";
