import { fateOf } from "../domain/outcomes.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { membershipOf } from "../plan/keys.ts";
import { wrapped } from "../wrap.ts";
import { counted, grouped } from "./format.ts";
import { mailText } from "./mail-text.ts";
import type { Difference, Person } from "./person.ts";

/** One person's story as a person reads it. */

const NAME_WIDTH = 15;
const BESIDE_NAME = " ".repeat(NAME_WIDTH + 1);

/** A name, and what stands beside it: as it is, or a text that is broken at its spaces. Without either it is left out. */
interface Row {
  name: string;
  value?: string | null | undefined;
  prose?: string | null | undefined;
}

interface Section {
  title: string | null;
  rows: Row[];
}

export function storyText(person: Person, columns: number): string {
  const sections: Section[] = [
    { title: null, rows: endRows(person) },
    { title: "In Cognito", rows: sourceRows(person) },
    { title: "The plan", rows: planRows(person) },
    { title: "At the destination", rows: accountRows(person) },
    { title: "Passwords", rows: passwordRows(person) },
    { title: "Worth a look", rows: troubleRows(person) },
  ];
  return sections
    .map(({ title, rows }) => ({ title, lines: rows.flatMap((row) => lineOf(row, columns)) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => [...(title === null ? [] : [title]), ...lines].join("\n"))
    .join("\n\n");
}

function lineOf({ name, value, prose }: Row, columns: number): string[] {
  const head = `${name.padEnd(NAME_WIDTH)} `;
  // A name from outside may have spaces in a row.
  if (value != null && value !== "") return [`${head}${terminalText(value)}`];
  if (prose == null || prose === "") return [];
  return [`${head}${wrapped(prose, columns, BESIDE_NAME).slice(BESIDE_NAME.length)}`];
}

function endRows({ story, listing, explanation, next }: Person): Row[] {
  const { outcome } = story;
  return [
    { name: "sub", value: story.sub },
    { name: "username", value: story.source?.username },
    { name: "outcome", value: outcome?.outcome ?? listing },
    { name: "reason", value: outcome?.reason },
    { name: "", prose: explanation },
    ...(next.length === 0
      ? [{ name: "what to do", value: "nothing" }]
      : next.map((step, at) => ({ name: at === 0 ? "what to do" : "", prose: step }))),
  ];
}

function sourceRows({ story: { source } }: Person): Row[] {
  if (source === null) return [];
  const { status, enabled, emailVerified, hasPassword, providers, groups } = source;
  const verified = emailVerified ? "verified" : "not verified";
  const ways = [...(hasPassword ? ["password"] : []), ...providers];
  return [
    { name: "status", prose: `${status}, ${enabled ? "enabled" : "disabled"}, e-mail ${verified}` },
    ...ways.map((way, at) => ({ name: at === 0 ? "signs in by" : "", value: way })),
    { name: "created", value: maybeTime(source.createdAtMs) },
    { name: "last changed", value: maybeTime(source.changedAtMs) },
    ...listed("groups", groups),
  ];
}

/** More are counted. */
const MAX_LISTED = 20;

function listed(name: string, values: readonly string[]): Row[] {
  const more = values.length - MAX_LISTED;
  return [
    ...values.slice(0, MAX_LISTED).map((value, at) => ({ name: at === 0 ? name : "", value })),
    ...(more > 0 ? [{ name: "", value: `… and ${grouped(more)} more` }] : []),
  ];
}

function planRows({ story, inFile }: Person): Row[] {
  const { decision, cluster } = story;
  const decided =
    decision === null
      ? null
      : {
          create: "gets an account, or keeps it",
          merge: `counts as ${decision.mergeInto ?? "another one"}`,
          skip: `left out: ${decision.reason ?? ""}`,
        }[decision.action];
  const { others, size } = cluster;
  const more = size - 1 - others.length;
  return [
    { name: "decision", value: decided },
    { name: "in the file", value: inFile },
    { name: "merged into", value: decision?.mergeInto },
    ...(size < 2
      ? []
      : [{ name: "decided with", prose: `${counted(size - 1, "other")} of the same address or identity` }]),
    ...others.flatMap(({ user, outcome }) => [
      { name: "", value: user.sub },
      {
        name: "",
        prose: `${user.status}, ${user.enabled === 1 ? "enabled" : "disabled"}, e-mail ${user.email_verified === 1 ? "verified" : "not verified"}, created ${time(user.created_at_ms).slice(0, 10)}: ${fate(outcome)}`,
      },
    ]),
    ...(more > 0 ? [{ name: "", value: `… and ${grouped(more)} more` }] : []),
  ];
}

function fate({ outcome, reason }: { outcome: string; reason: string | null }): string {
  return reason === null ? outcome : `${outcome}, ${reason}`;
}

function accountRows({ story, fields, memberships }: Person): Row[] {
  const { account, takenBack, sub } = story;
  const isOther = account !== null && account.key !== sub;
  return [
    { name: "destination id", value: account?.destinationId },
    { name: "account", prose: account === null ? null : ACCOUNT_STATES[account.state] },
    { name: "of", value: isOther ? account.key : null },
    { name: "how", value: account?.how },
    { name: "first tried", value: maybeTime(account?.firstClaimedAtMs) },
    { name: "last written", value: maybeTime(account?.writtenAtMs) },
    { name: "last seen", value: account?.seenGeneration == null ? null : `by run ${account.seenGeneration}` },
    { name: "fields written", prose: fields.written.join(", ") },
    { name: "not as planned", prose: fields.otherThanPlanned.join(", ") },
    { name: "taken back", value: maybeTime(takenBack?.atMs) },
    { name: "its id was", value: takenBack?.destinationId },
    ...memberships.slice(0, MAX_LISTED).flatMap((membership, at) => [
      { name: at === 0 ? "organizations" : "", value: membership.organization },
      { name: "", prose: membershipText(membership) },
    ]),
    ...listed(
      "",
      memberships.slice(MAX_LISTED).map(({ organization }) => organization),
    ),
  ];
}

const ACCOUNT_STATES = {
  standing: "stands",
  in_doubt: "nobody knows whether it stands: a call had no clear answer",
  removed: "stood, and somebody removed it at the destination",
};

function membershipText({ roles, outcome, reason, destinationId }: Person["memberships"][number]): string {
  return [
    roles.length === 0 ? "no role" : roles.join(", "),
    reason === null ? outcome : `${outcome}: ${reason}`,
    ...(destinationId === null ? [] : [destinationId]),
  ].join("; ");
}

function passwordRows({ story, mail, way }: Person): Row[] {
  const { bridge, mails } = story;
  const ofBridge = mails.find(({ sender }) => sender === "bridge");
  const moved = bridge.movedAtMs === null ? null : "brought the password along at a sign-in";
  return [
    { name: "bridge", prose: bridge.hasMadeAccount ? "made the account at a sign-in" : null },
    { name: bridge.hasMadeAccount ? "" : "bridge", prose: moved },
    { name: "moved at", value: maybeTime(bridge.movedAtMs) },
    {
      name: "in doubt",
      prose:
        bridge.openMoves > 0 && bridge.movedAtMs === null
          ? `${counted(bridge.openMoves, "try", "tries")} of which nobody knows whether the password came along`
          : null,
    },
    { name: "last proven at", value: maybeTime(bridge.provenAtMs) },
    { name: "reset done at", value: maybeTime(bridge.resetCompletedAtMs) },
    { name: "reset mail", value: mail === null ? null : fateOf(mail) },
    { name: "", prose: mail === null ? null : mailText(mail, way) },
    { name: mailTimeName(mail), value: maybeTime(mail?.settledAtMs) },
    {
      name: "asked for mails",
      value: ofBridge === undefined ? null : `${grouped(ofBridge.mails)}, the last at ${time(ofBridge.atMs)}`,
    },
  ];
}

/** Of the time: only a mail that is or may be out has one of its own. */
function mailTimeName(mail: Person["mail"]): string {
  if (mail?.outcome === "not_mailed") return "held back at";
  return mail?.outcome === "failed" ? "tried at" : "mail at";
}

function troubleRows({ failures, differences }: Person): Row[] {
  return [
    ...failures.flatMap(({ what, state, code, attempts, message }) => [
      { name: state, prose: `${what}: ${code ?? "no code"}, after ${counted(attempts, "attempt")}` },
      { name: "", prose: message },
    ]),
    ...differences.flatMap((found) => [
      { name: "differs", prose: differenceText(found) },
      { name: "", prose: found.whatToDo },
    ]),
  ];
}

function differenceText({ kind, key, difference, field }: Difference): string {
  const what = kind === "user" ? "the account" : `the membership of ${membershipOf(key).organization}`;
  if (field === "") return `${what} is ${difference}`;
  switch (difference) {
    case "differs":
      return `${what} holds another ${field} than was written`;
    case "missing":
      return `${what} lacks ${field}`;
    case "surplus":
      return `${what} has ${field}, which nobody here wrote`;
    case "unreadable":
      return `${field} of ${what} cannot be read`;
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function maybeTime(ms: number | null | undefined): string | null {
  return ms == null ? null : time(ms);
}
