import { inSentence } from "../sentence.ts";

export type Severity = "info" | "warning" | "blocker";

/** Whom a finding is about, for the count that is told with it. */
export type Concerned = { attribute: string } | { groups: readonly string[] };

/** One kind of finding. `Of` is what its sentences are made of. */
export interface FindingKind<Of> {
  severity: Severity;
  /** What it is about: an attribute, a group; never a person's data. */
  subject: (of: Of) => string;
  /** What is so, in one sentence. */
  what: (of: Of) => string;
  /** What to do, in a sentence; null where nothing is to be done, or `what` says it already. */
  advice: string | null | ((of: Of) => string | null);
  concerned?: (of: Of) => Concerned;
  /** Of a blocker that another migration file does not mend. */
  outsideFile?: true;
}

/** Lets TypeScript check a kind where it is written. */
export function kind<Of>(one: FindingKind<Of>): FindingKind<Of> {
  return one;
}

export const MEND = "Mend the migration file and start again.";

/** `instead` is the name that differs in nothing but its case; null without one. */
export function mendName({ instead }: { instead: string | null }): string {
  return instead === null ? MEND : `Write ${quoted(instead)} and start again.`;
}

/** Longer names are cut: an attribute's value may have 2,048 characters. */
const MAX_NAME_LENGTH = 60;
const MAX_NAMED = 5;

export function quoted(name: string): string {
  const cut = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
  return `"${inSentence(cut)}"`;
}

/** The first few; `count` is how many there are, where not all are given. */
export function named(names: readonly string[], count = names.length): string {
  return listed(names.map(quoted), count);
}

export function listed(texts: readonly string[], count = texts.length): string {
  const shown = texts.slice(0, MAX_NAMED);
  if (count > shown.length) return `${shown.join(", ")} and ${count - shown.length} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

export const MAY_BE_ADDRESS = "may be somebody's address or telephone number";

/** Tenants' names are no personal data; none is given of those that may be somebody's address. */
export function organizationsNamed(names: readonly string[], count: number): string {
  if (names.length === 0)
    return `${count === 1 ? "an organization" : `${count} organizations`} whose name ${MAY_BE_ADDRESS}`;
  return `${count === 1 ? "the organization" : `${count} organizations,`} ${named(names, count)}`;
}

/** What was counted, most often people: the first few are named, by sub. */
export interface Counted {
  count: number;
  examples: readonly string[];
}

/** `(for example of a, b)`; nothing without examples. */
export function forExample(subs: readonly string[], of = ""): string {
  return subs.length === 0 ? "" : ` (for example ${of}${subs.join(", ")})`;
}
