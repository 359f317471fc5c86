import { mailText } from "./mail-text.ts";
import type { Person } from "./person.ts";

/** One person's story as machines read it: a stable shape, in which times are ISO 8601 and null is what is not known. */
export function personJson(person: Person) {
  const { story, listing, explanation, inFile, fields, memberships, mail, way, failures, differences, next } =
    person;
  const { sub, outcome, source, decision, cluster, account, takenBack, bridge, mails } = story;
  return {
    sub,
    listing,
    outcome: outcome?.outcome ?? null,
    reason: outcome?.reason ?? null,
    explanation,
    destinationId: outcome?.destinationId ?? account?.destinationId ?? null,
    mergedInto: outcome?.mergedInto ?? null,
    earlierSub: outcome?.earlierSub ?? null,
    next,
    cognito:
      source === null
        ? null
        : {
            ...{ username: source.username, status: source.status, enabled: source.enabled },
            ...{ emailVerified: source.emailVerified, hasPassword: source.hasPassword },
            ...{ providers: source.providers, groups: source.groups, listedByRun: source.generation },
            createdAt: iso(source.createdAtMs),
            changedAt: iso(source.changedAtMs),
          },
    plan: decision === null ? null : { action: decision.action, reason: decision.reason, inFile },
    cluster: {
      size: cluster.size,
      others: cluster.others.map(({ user, outcome: { outcome: end, reason, mergedInto } }) => ({
        ...{ sub: user.sub, status: user.status, enabled: user.enabled === 1 },
        ...{ emailVerified: user.email_verified === 1, createdAt: iso(user.created_at_ms) },
        ...{ outcome: end, reason, mergedInto },
      })),
    },
    account:
      account === null
        ? null
        : {
            ...{ sub: account.key, id: account.destinationId, state: account.state, how: account.how },
            firstTriedAt: iso(account.firstClaimedAtMs),
            writtenAt: iso(account.writtenAtMs),
            seenByRun: account.seenGeneration,
            fields,
          },
    takenBack: takenBack === null ? null : { id: takenBack.destinationId, at: iso(takenBack.atMs) },
    memberships,
    resetMail:
      mail === null
        ? null
        : {
            ...{ outcome: mail.outcome, reason: mail.reason, at: iso(mail.settledAtMs) },
            explanation: mailText(mail, way),
          },
    mails: mails.map(({ atMs, ...one }) => ({ ...one, at: iso(atMs) })),
    bridge: {
      hasMadeAccount: bridge.hasMadeAccount,
      movedAt: iso(bridge.movedAtMs),
      movesInDoubt: bridge.openMoves,
      provenAt: iso(bridge.provenAtMs),
      resetCompletedAt: iso(bridge.resetCompletedAtMs),
    },
    failures,
    differences,
  };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
