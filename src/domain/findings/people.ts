import { inSentence } from "../sentence.ts";
import { type Counted, forExample, kind, listed, organizationsNamed, quoted } from "./kind.ts";

/** Somebody whom the file names and the pool does not list. */
export interface Stranger {
  /** From 1, as the file names people. */
  position: number;
  /** As it stands in the file; null where it may be an address. */
  name: string | null;
  hint: "other_case" | "username" | null;
  /** Of the person who is meant, where that can be known. */
  sub: string | null;
}

interface Strangers {
  /** Of the file. */
  key: string;
  count: number;
  /** The first few. */
  strangers: readonly Stranger[];
}

/** Somebody whom the file names to be mailed first, and who gets no mail. */
interface Unmailed extends Pick<Stranger, "position" | "name"> {
  /** A stable word, or a plain one where the pool has nobody like this. */
  reason: string;
}

/** What the snapshot and the plan show. */
export const PEOPLE_FINDINGS = {
  group_gone: kind<{ group: string }>({
    severity: "warning",
    subject: ({ group }) => group,
    what: ({ group }) =>
      `The group ${quoted(group)} was deleted in Cognito while the run read the pool: nobody counts as its member.`,
    advice: "Start again where the group is back.",
  }),
  people_unknown: kind<Strangers>({
    severity: "blocker",
    subject: ({ key }) => key,
    what: strangersOf,
    advice:
      'Name people by sub and start again, or resume with `{"accept": ["people_unknown"]}` to go on without these.',
  }),
  selection_unknown: kind<Strangers>({
    severity: "warning",
    subject: ({ key }) => key,
    what: strangersOf,
    advice: "Name people by sub where they are to be of the pilot.",
  }),
  canary_unmailed: kind<{ people: readonly Unmailed[] }>({
    severity: "blocker",
    subject: () => "passwordResets.canary",
    what: ({ people }) => {
      const whom = people.length === 1 ? "somebody who gets" : `${people.length} people who get`;
      return `"passwordResets.canary" names ${whom} no reset mail: ${listed(people.map(unmailedText))}.`;
    },
    advice: "Name others there, by sub, and start again: `./spillway explain` tells what each reason means.",
  }),
  organization_renamed: kind<{ organizations: readonly string[]; count: number }>({
    severity: "blocker",
    subject: ({ organizations }) => organizations[0] ?? "organizations",
    what: ({ organizations, count }) =>
      `The file gives ${organizationsNamed(organizations, count)} another external id than the one under which ${count === 1 ? "it stands" : "they stand"}, or may stand, at the destination.`,
    advice:
      'Give back the earlier one in "organizations.named" and start again, or resume with `{"accept": ["organization_renamed"]}`: then what stands takes the people, and the new external id is not used.',
  }),
  attribute_over_limit: kind<Counted & { attribute: string; problem: string }>({
    severity: "blocker",
    subject: ({ attribute, problem }) => `${attribute} ${problem}`,
    what: refusedValues,
    advice:
      'Resume with `{"accept": ["attribute_over_limit"]}` to drop it, or cancel the run, change "attributes" and start again.',
  }),
  attribute_dropped: kind<Counted & { attribute: string; problem: string }>({
    severity: "warning",
    subject: ({ attribute, problem }) => `${attribute} ${problem}`,
    what: refusedValues,
    advice: "It is dropped, as the file says.",
  }),
  reset_mails: kind<{
    mailed: number;
    before: number;
    others: readonly (readonly [reason: string, people: number])[];
  }>({
    severity: "info",
    subject: () => "resets",
    what: ({ mailed, before, others }) => {
      const counts = others.map(([reason, people]) => `${people} ${reason}`);
      const earlier = before === 0 ? "" : ` Earlier runs have mailed ${before} others.`;
      const not = counts.length === 0 ? "" : `; not: ${counts.join(", ")}`;
      return `${mailed} people get a reset mail${not}.${earlier}`;
    },
    advice: null,
  }),
  resets_undecided: kind<Counted>({
    severity: "blocker",
    subject: () => "resets",
    what: ({ count, examples }) =>
      `${count} confirmed people have an address that nobody verified${forExample(examples)}; a completed reset would verify it for whoever reads it.`,
    advice:
      'Say in "passwordResets.unverified" whether they are to be mailed ("send") or not ("skip"), cancel the run and start again.',
  }),
  identities_broken: kind<{ count: number }>({
    severity: "warning",
    subject: () => "identities",
    what: ({ count }) =>
      `${count} users have an "identities" attribute that cannot be read, or not all of it.`,
    advice: "What cannot be read links them to nobody.",
  }),
  without_organization: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} people belong to no organization by the file's rule${forExample(examples)}.`,
    advice: "They are imported without a membership.",
  }),
  people_without_provider: kind<{ provider: string; identities: number; instead: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider, identities }) =>
      `${identities} identities of ${inSentence(provider)} stand in the pool, and the provider does not come along.`,
    advice: ({ instead }) => instead,
  }),
};

function refusedValues({
  count,
  examples,
  attribute,
  problem,
}: Counted & { attribute: string; problem: string }): string {
  return `${count} users have a value of ${quoted(attribute)} that is ${problem}${forExample(examples)}.`;
}

function strangersOf({ key, count, strangers }: Strangers): string {
  const people = count === 1 ? "somebody" : `${count} people`;
  return `"${key}" names ${people} whom the pool does not list: ${listed(strangers.map(strangerText), count)}.`;
}

function unmailedText({ reason, ...person }: Unmailed): string {
  return `${nameOf(person)} (${reason})`;
}

function nameOf({ position, name }: Pick<Stranger, "position" | "name">): string {
  return name === null ? `number ${position}, which may be an address` : quoted(name);
}

function strangerText({ hint, sub, ...person }: Stranger): string {
  const what = nameOf(person);
  if (hint === "username") return `${what} (a username; the sub is ${sub})`;
  return hint === "other_case" ? `${what} (the sub is ${sub})` : what;
}
