import type { Answer } from "../plan/answers.ts";
import { explanationOf } from "../report/explain.ts";
import type { Shown } from "./decide-text.ts";
import type { OpenCluster, Person } from "./open-decisions.ts";

/** What waits for a decision, as machines read it: a stable shape, without addresses unless they are asked for. */

export function clusterJson(cluster: OpenCluster, shown: Shown) {
  const { reason, isPart, isAnswered, people, answers } = cluster;
  return {
    kind: "shared_address",
    reason,
    explanation: explanationOf({ outcome: "skipped", reason }),
    /** Over 1,000 share the address: those that follow are some of them. */
    isPart,
    isAnswered,
    people: people.map((person) => personJson(person, shown)),
    answers: answers.map(answerJson),
  };
}

export function otherAddressJson(person: Person, shown: Shown) {
  const { sub } = person.user;
  return {
    kind: "other_address",
    reason: "address_changed",
    explanation:
      "The user has another e-mail address in Cognito than the account was made under; the account keeps the old one.",
    isPart: false,
    isAnswered: person.inFile === "readdress",
    people: [personJson(person, shown)],
    answers: [{ answer: "readdress", subs: [sub], decisions: { [sub]: "readdress" }, leadsTo: [] }],
  };
}

function personJson({ user, providers, decision, inFile, standsSinceMs }: Person, shown: Shown) {
  return {
    sub: user.sub,
    ...(shown.showAddresses && { email: user.email }),
    status: user.status,
    enabled: user.enabled === 1,
    emailVerified: user.email_verified === 1,
    hasPassword: user.native === 1,
    providers,
    createdAt: new Date(user.created_at_ms).toISOString(),
    changedAt: new Date(user.modified_at_ms).toISOString(),
    standsSince: standsSinceMs === null ? null : new Date(standsSinceMs).toISOString(),
    inFile,
    /** By the file as it stands; null for somebody who is decided with others. */
    decision:
      decision === null
        ? null
        : { action: decision.action, reason: decision.reason, mergedInto: decision.mergeInto },
  };
}

/** `decisions`: what to put into `users.decisions`; null takes an entry out. */
function answerJson({ kind, subs, changes, decisions }: Answer) {
  return {
    answer: kind,
    subs,
    decisions: Object.fromEntries(changes),
    leadsTo: decisions.map(({ sub, action, reason, mergeInto }) => ({
      ...{ sub, action, reason, mergedInto: mergeInto },
    })),
  };
}
