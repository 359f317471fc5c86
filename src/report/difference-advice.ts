import type { PlacedKind } from "../domain/books.ts";
import { argumentWords, shellLine } from "../domain/shell-line.ts";
import type { FoundDifference } from "../ledger/differences.ts";
import { applicationKey, membershipOf } from "../plan/keys.ts";

const BY_HAND = "Somebody removed it, and Spillway does not make it again.";

/** Where something is gone. */
const WHEN_GONE: Readonly<Record<PlacedKind, (key: string) => string>> = {
  user: () => "Make it there where it is to stand.",
  membership: () => "Make it there where it is to stand.",
  organization: () =>
    "Where that was a mistake, make it there with the same external id, and start again: it is found under its new id.",
  role: (key) =>
    `Where that was a mistake, make it there with the slug ${key}: until then nobody can be given it.`,
  connection: () => "Where that was a mistake, set it up there by hand, in the same organization.",
  redirect_uri: () => "Where that was a mistake, add it there: until then sign-ins cannot return to it.",
  application: (key) =>
    `Where that was a mistake, make it there with ${applicationKey(key)} at the end of its description, start again, and give its owner the new client id and secret.`,
};

/** Whom a difference is about: their sub, or what the destination calls the account of a stranger; null for no person. */
export function personOf({ kind, key }: FoundDifference): string | null {
  if (kind === "user") return key;
  return kind === "membership" ? membershipOf(key).sub : null;
}

/** What mends a difference: a command, or what to do by hand at the destination. `known` are the subs among people. */
export function adviceOn(found: FoundDifference, known: ReadonlySet<string>): string {
  const step = helpOn(found);
  const person = personOf(found);
  if (person === null) return step;
  const words = known.has(person) ? argumentWords(person) : ["--destination-id", person];
  return `${step} Who it is: ${shellLine(["./spillway", "lookup", ...words])}`;
}

/** The same for whoever knows already whom it is about. */
export function helpOn(found: FoundDifference): string {
  const { kind, key, difference, field } = found;
  const isGone = difference === "missing" && field === "";
  return isGone ? `${BY_HAND} ${WHEN_GONE[kind](key)}` : stepOn(found);
}

function stepOn({ kind, difference, field }: FoundDifference): string {
  switch (difference) {
    case "missing":
      if (field === "client_secret")
        return "Somebody removed its client secret, and it lets nobody in by the one in the store. Make another one there, and give it to its owner.";
      return "Somebody took it out. Put it back there unless it is to stay away.";
    case "surplus":
      return surplus(kind, field);
    case "unreadable":
      return "What is there cannot be read, so that nobody knows how it is. Look at it there.";
    case "differs":
      return differing(kind, field);
  }
}

function surplus(kind: PlacedKind, field: string): string {
  if (kind !== "application" || field === "")
    return "Nobody here made it. Remove it there unless it is to stand.";
  if (field.startsWith("id "))
    return "Another application carries the key of this one. Take it out of its description, or remove it there.";
  return "Nobody here wrote it. Take it out there unless it is to stand.";
}

function differing(kind: PlacedKind, field: string): string {
  if (kind === "user" && field === "external_id")
    return "Another account has the person's key, or none has. Give it back there.";
  if (kind === "organization" && field === "external_id")
    return "Somebody took its external id away. Give it back there: until then a look-up by it finds another one, or none.";
  if (kind === "application" && field === "description")
    return "It does not carry its key any more. Put it back at the end of its description there.";
  if (kind === "connection" && field === "state") return "Somebody turned it off. Turn it on there.";
  return kind === "user"
    ? "Somebody changed it there. Change it back where it is wrong: Spillway writes a value only when it changes in Cognito."
    : "Somebody changed it there. Change it back where it is wrong.";
}
