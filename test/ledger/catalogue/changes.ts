import { beginApproved, beginAsking, endApproved } from "../../../src/ledger/approved-mails.ts";
import {
  beginMove,
  claimAccount,
  dropClaim,
  endMove,
  noteAccount,
  noteMoved,
} from "../../../src/ledger/bridge.ts";
import { dropCounts, dropOver, giveBackAll, takeOne } from "../../../src/ledger/bridge-limits.ts";
import { doubtAdopted, doubtChanges, doubtStanding } from "../../../src/ledger/closed-doubts.ts";
import { replaceConfiguration } from "../../../src/ledger/configuration.ts";
import { moveCursor, takeCursor } from "../../../src/ledger/cursors.ts";
import { nowMsSql } from "../../../src/ledger/dialect.ts";
import { differencesOf, queueDifferences, queueRemovals } from "../../../src/ledger/difference.ts";
import {
  ageDifferences,
  dropEarlierDifferences,
  type FoundDifference,
  noteDifferences,
} from "../../../src/ledger/differences.ts";
import { countFailure, forgetFailures } from "../../../src/ledger/failures.ts";
import { replaceFindings } from "../../../src/ledger/findings.ts";
import { forgetOtherAnswers, keepAnswers } from "../../../src/ledger/gate-answers.ts";
import { giveBackLeases, renewLeases, takeLeases, wantLeases } from "../../../src/ledger/leases.ts";
import { forgetLooks, noteLooks } from "../../../src/ledger/looks.ts";
import {
  beginMailRecord,
  beginOwnMails,
  copyMails,
  forgetCopied,
  holdMails,
  noteForgotten,
} from "../../../src/ledger/mail-record.ts";
import { claimMails, forgetMails, noteAsked, settleAsked, settleMails } from "../../../src/ledger/mails.ts";
import { blockPace, debit, reserve, reserveAt, setPace } from "../../../src/ledger/pace.ts";
import { countMoves } from "../../../src/ledger/phase-counts.ts";
import {
  dropDoubts,
  keepBeforeImage,
  noteDoubts,
  noteMadeAnew,
  noteRemoved,
  noteSeen,
  noteStanding,
  placedAfter,
} from "../../../src/ledger/placed.ts";
import { writeDecisions } from "../../../src/ledger/plan.ts";
import { writePlannedObjects } from "../../../src/ledger/planned-objects.ts";
import { noteProven } from "../../../src/ledger/proofs.ts";
import { replaceProviderChecks } from "../../../src/ledger/providers.ts";
import { addItems, type Settlement } from "../../../src/ledger/queue.ts";
import { claim, confirmClaims } from "../../../src/ledger/queue-claims.ts";
import { closeEarlier, reopenItems, reopenSome } from "../../../src/ledger/queue-reopening.ts";
import { overtake, settle } from "../../../src/ledger/queue-settlements.ts";
import { beginRedrive, takeUpOpen } from "../../../src/ledger/redrive.ts";
import { copyResetEvents, forgetResetPositions, keepLink } from "../../../src/ledger/reset-events.ts";
import {
  disownMigration,
  noteListed,
  ownAsItStands,
  ownForUndo,
  ownMigration,
  readMigration,
  refuseEarlier,
  rememberAccount,
} from "../../../src/ledger/runs.ts";
import {
  addGroupMembers,
  packSourceUsers,
  setClusterKey,
  upsertSourceUsers,
} from "../../../src/ledger/source-users.ts";
import { membershipsAmong } from "../../../src/ledger/standing-structure.ts";
import { forgetReplaced, takeBack } from "../../../src/ledger/taken-back.ts";
import { noteShown, noteUnknownAccounts } from "../../../src/ledger/undo.ts";
import { noteLostLink, noteUnsentLink, unsentAmong } from "../../../src/ledger/unsent-links.ts";
import {
  doubtOwnRemoval,
  forgetVerification,
  markRemoved,
  markSeen,
  unseeAfter,
} from "../../../src/ledger/verification.ts";
import { LINKS_EXPIRE_MS, largeEmail } from "../large.ts";
import { sourceUser } from "../ledgers.ts";
import {
  type Asked,
  FENCE,
  FILE,
  IDENTITY,
  NEXT_RUN,
  OWNER,
  PACE_KEY,
  type Pool,
  RUN,
  telling,
} from "./pool.ts";

/** Every change, by the name of its function; as many rows at once as its callers change. */
export function changesOf(pool: Pool): Record<string, Asked[]> {
  return {
    ...ofPeople(pool),
    ...ofPlan(pool),
    ...ofPlaced(pool),
    ...ofQueue(pool),
    ...ofBridge(pool),
    ...ofRun(),
  };
}

/** Pages of one write of the snapshot. */
/** Of whose mails somebody approved. */
const CAMPAIGN = { ...RUN, firstRunId: "run" };
const ASKED = { settings: "x", people: 1, incarnation: "i", asking: 0 };
const PAGES = 40;
const PAGE_USERS = 60;

const UNDO = {
  userPoolId: IDENTITY.poolId,
  destination: { kind: "workos" },
  confirm: IDENTITY.poolId,
  signedInSince: "keep",
} as const;

const GATE_ANSWER = {
  name: "Corp",
  state: "skipped",
  reason: "turned off",
  configured: "type:x",
  fault: null,
  found: null,
} as const;

function ofPeople(pool: Pool): Record<string, Asked[]> {
  const subs = pool.subs(PAGES * PAGE_USERS);
  return {
    upsertSourceUsers: [
      (ledger) =>
        telling((tx) => {
          const pages = Array.from({ length: PAGES }, (_, page) => {
            const users = subs
              .slice(page * PAGE_USERS, (page + 1) * PAGE_USERS)
              .map((sub) => sourceUser(sub));
            return packSourceUsers(ledger.kind, 1, 2, users);
          });
          return upsertSourceUsers(tx, 1, 2, pages);
        })(ledger),
    ],
    addGroupMembers: [telling((tx) => addGroupMembers(tx, NEXT_RUN, "group-50", subs))],
    setClusterKey: [telling((tx) => setClusterKey(tx, 1, pool.subs(2), largeEmail(pool.middle)))],
  };
}

function ofPlan(pool: Pool): Record<string, Asked[]> {
  const users = pool.subs(500).map((key) => ({ kind: "user" as const, key }));
  const create = { kind: "create", doubtSinceMs: null } as const;
  return {
    writeDecisions: [
      telling((tx) =>
        writeDecisions(
          tx,
          NEXT_RUN,
          users.map(({ key: sub }) => ({
            ...{ sub, action: "create", reason: null, mergeInto: null, fingerprint: "f" },
          })),
        ),
      ),
    ],
    writePlannedObjects: [
      telling((tx) =>
        writePlannedObjects(
          tx,
          NEXT_RUN,
          "memberships",
          pool.memberships(4_000).map((key) => ({ kind: "membership", key, data: { roles: [] } })),
        ),
      ),
    ],
    differencesOf: [
      telling((tx) => differencesOf(tx, 1, users)),
      telling((tx) =>
        differencesOf(
          tx,
          1,
          pool.memberships(4_000).map((key) => ({ kind: "membership", key })),
        ),
      ),
    ],
    queueDifferences: [
      telling((tx) =>
        queueDifferences(
          tx,
          NEXT_RUN,
          "users",
          users.map((user) => ({ ...user, difference: create })),
        ),
      ),
    ],
  };
}

function ofPlaced(pool: Pool): Record<string, Asked[]> {
  const { sub, membership } = pool;
  const users = pool.subs(100).map((key) => ({ kind: "user" as const, key, firstClaimedAtMs: 1 }));
  const fact = { destinationId: "id", how: "created", fingerprint: "f", details: null } as const;
  const image = {
    id: "id",
    externalId: null,
    createdAtMs: 1,
    changedAtMs: 1,
    email: "a@example.com",
    emailVerified: true,
  };
  return {
    noteStanding: [
      telling((tx) =>
        noteStanding(
          tx,
          1,
          users.map((user) => ({ ...user, ...fact })),
        ),
      ),
    ],
    noteDoubts: [telling((tx) => noteDoubts(tx, 1, users))],
    dropDoubts: [telling((tx) => dropDoubts(tx, 1, users))],
    keepBeforeImage: [
      telling((tx) =>
        keepBeforeImage(tx, 1, sub, { ...image, firstName: null, lastName: null, metadata: {} }),
      ),
    ],
    noteSeen: [
      telling((tx) => noteSeen(tx, RUN, "user", pool.subs(100))),
      telling((tx) => noteSeen(tx, RUN, "membership", pool.memberships(100))),
    ],
    noteMadeAnew: [telling((tx) => noteMadeAnew(tx, 1, { kind: "user", key: sub }, "user_anew"))],
    noteRemoved: [telling((tx) => noteRemoved(tx, 1, "user", sub))],
    membershipsAmong: [telling((tx) => membershipsAmong(tx, 1, pool.subs(500)))],
    noteShown: [
      telling((tx) =>
        noteShown(
          tx,
          RUN,
          Array.from({ length: 100 }, (_, at) => `id_${pool.middle + at}`),
        ),
      ),
    ],
    noteUnknownAccounts: [telling((tx) => noteUnknownAccounts(tx, 1, pool.subs(100), 1))],
    forgetReplaced: [
      telling((tx) =>
        forgetReplaced(
          tx,
          1,
          pool.subs(100).map((key) => ({ key, destinationId: `id_${key}` })),
        ),
      ),
    ],
    takeBack: [
      telling((tx) =>
        takeBack(
          tx,
          1,
          pool.subs(100).map((key) => ({ kind: "user", key })),
        ),
      ),
      telling((tx) =>
        takeBack(
          tx,
          1,
          pool.memberships(100).map((key) => ({ kind: "membership", key })),
        ),
      ),
      telling((tx) => takeBack(tx, 1, [{ kind: "connection", key: "Corp" }])),
    ],
    doubtChanges: [
      telling((tx) =>
        doubtChanges(
          tx,
          1,
          pool.subs(100).map((key) => ({ kind: "user", key, generation: 1 })),
        ),
      ),
      telling((tx) =>
        doubtChanges(
          tx,
          1,
          pool.memberships(100).map((key) => ({ kind: "membership", key, generation: 1 })),
        ),
      ),
    ],
    doubtStanding: [
      telling((tx) =>
        doubtStanding(
          tx,
          1,
          pool.subs(60).map((key) => ({ kind: "user", key, generation: 1 })),
        ),
      ),
    ],
    doubtAdopted: [
      telling((tx) =>
        doubtAdopted(
          tx,
          1,
          pool.subs(60).map((key) => ({ kind: "user", key, generation: 1 })),
        ),
      ),
    ],
    markSeen: [
      telling((tx) => markSeen(tx, RUN, "user", pool.subs(100))),
      telling((tx) => markSeen(tx, RUN, "membership", pool.memberships(100))),
      telling((tx) => markSeen(tx, RUN, "organization", ["group-1", "group-50"])),
    ],
    noteDifferences: [
      telling((tx) => noteDifferences(tx, RUN, pool.subs(500).map(missing))),
      telling((tx) => noteDifferences(tx, NEXT_RUN, pool.subs(500).map(missing))),
    ],
    dropEarlierDifferences: [telling((tx) => dropEarlierDifferences(tx, NEXT_RUN, 1_000))],
    markRemoved: [
      telling((tx) => markRemoved(tx, RUN, "user", sub)),
      telling((tx) => markRemoved(tx, RUN, "membership", membership)),
    ],
    doubtOwnRemoval: [
      telling((tx) => doubtOwnRemoval(tx, RUN, "user", sub)),
      telling((tx) => doubtOwnRemoval(tx, RUN, "membership", membership)),
    ],
  };
}

function ofQueue(pool: Pool): Record<string, Asked[]> {
  const phases = ["users", "memberships", "resets"] as const;
  const ofEach = (change: (phase: (typeof phases)[number]) => Asked) => phases.map(change);
  const claimed = pool.sending("resets", 100);
  const claimedItems = claimed.items.map((item) => ({
    ...item,
    ...{ intent: "mail" as const, inDoubt: false, attempts: 1, putOff: 0, data: null },
  }));
  return {
    addItems: [
      telling((tx) =>
        addItems(
          tx,
          NEXT_RUN,
          "users",
          0,
          pool.subs(500).map((key) => ({ kind: "user", key, intent: "create", doubtSinceMs: null })),
        ),
      ),
    ],
    queueRemovals: [
      telling(async (tx) => queueRemovals(tx, NEXT_RUN, "users", await placedAfter(tx, 1, "user", "", 500))),
    ],
    claim: ofEach((phase) => telling((tx) => claim(tx, pool.range(phase, 500), FENCE + 1, 100))),
    confirmClaims: ofEach((phase) =>
      telling((tx) => {
        const { range, items } = pool.sending(phase, 100);
        return confirmClaims(
          tx,
          range,
          items.map(({ ordinal }) => ordinal),
          FENCE,
        );
      }),
    ),
    settle: ofEach((phase) =>
      telling((tx) => {
        const { range, items } = pool.sending(phase, 100);
        return settle(tx, range, FENCE, items.map(endOf));
      }),
    ),
    claimMails: [telling((tx) => claimMails(tx, 1, claimedItems, "own"))],
    forgetMails: [telling((tx) => forgetMails(tx, 1, pool.subs(100)))],
    settleMails: [telling((tx) => settleMails(tx, 1, claimed.items.map(endOf)))],
    forgetLooks: [telling((tx) => forgetLooks(tx, 1, pool.subs(500)))],
    noteLooks: [
      telling((tx) =>
        noteLooks(
          tx,
          RUN,
          pool.subs(PAGES * PAGE_USERS).map((sub) => ({ sub, lookedAtMs: Date.now(), standing: null })),
          Date.now(),
        ),
      ),
    ],
    reopenSome: ofEach((phase) => telling((tx) => reopenSome(tx, RUN, phase, "refused"))),
    takeUpOpen: ofEach((phase) =>
      telling((tx) => {
        const after = pool.firstPending(phase);
        return takeUpOpen(tx, RUN, phase, { after, to: after + 5_000 }, 1);
      }),
    ),
    reopenItems: ofEach((phase) =>
      telling((tx) => {
        const from = pool.firstPending(phase);
        const items = Array.from({ length: 1_000 }, (_, index) => ({ ordinal: from + index, key: pool.sub }));
        return reopenItems(tx, RUN, phase, items, 1);
      }),
    ),
    overtake: [telling((tx) => overtake(tx, RUN, "users", { kind: "user", keys: [pool.sub] }))],
    closeEarlier: [
      telling((tx) => closeEarlier(tx, NEXT_RUN, 2_000)),
      telling((tx) => closeEarlier(tx, RUN, 2_000)),
    ],
    countMoves: [telling((tx) => countMoves(tx, RUN, "users", [{ from: "pending", to: "done", items: 1 }]))],
  };
}

function missing(key: string): FoundDifference {
  return { kind: "user", key, difference: "missing", field: "" };
}

/** Some ended in each way. */
function endOf(item: Settlement["item"], index: number): Settlement {
  const states = ["done", "failed", "skipped", "pending"] as const;
  const state = states[index % states.length] ?? "done";
  const fact = { destinationId: `id_${index}`, how: "created", fingerprint: "f", details: null } as const;
  return {
    ...{ item, state, inDoubt: state === "skipped" && index % 8 === 2, code: null, message: null },
    fact: state === "done" ? fact : null,
  };
}

function ofBridge({ sub, middle }: Pool): Record<string, Asked[]> {
  const page = Array.from({ length: 100 }, (_, index) => ({
    ...{ eventId: `event_${index}`, accountId: `id_${middle + index}`, atMs: index },
  }));
  const resets = page.map((event, index) => ({
    ...{ ...event, kind: index % 2 === 0 ? ("opened" as const) : ("completed" as const) },
    ...{ resetId: `reset_${middle + index}`, expiresAtMs: LINKS_EXPIRE_MS },
  }));
  const mails = page.map(({ eventId, accountId, atMs }) => ({ resetId: eventId, userId: accountId, atMs }));
  return {
    claimAccount: [
      telling((tx) => claimAccount(tx, 1, { sub, email: "p1@example.com", firstClaimedAtMs: 0 })),
    ],
    dropClaim: [telling((tx) => dropClaim(tx, 1, { sub, firstClaimedAtMs: 0 }))],
    noteAccount: [
      telling((tx) =>
        noteAccount(
          tx,
          { id: 1, generation: 1 },
          {
            ...{ sub, email: "p1@example.com", destinationId: "id", how: "created", fingerprint: "f" },
            firstClaimedAtMs: 1,
          },
        ),
      ),
    ],
    beginMove: [telling((tx) => beginMove(tx, 1, sub))],
    endMove: [telling((tx) => endMove(tx, 1, sub))],
    noteProven: [telling((tx) => noteProven(tx, 1, sub))],
    noteMoved: [telling((tx) => noteMoved(tx, 1, sub))],
    copyResetEvents: [telling((tx) => copyResetEvents(tx, 1, resets, { eventId: "event_1", atMs: 1 }))],
    keepLink: [
      telling((tx) => keepLink(tx, 1, { resetId: "reset_1", accountId: `id_${middle}`, expiresAtMs: 1 })),
    ],
    forgetResetPositions: [telling((tx) => forgetResetPositions(tx, 1, "event_1"))],
    noteAsked: [telling((tx) => noteAsked(tx, 1, sub))],
    settleAsked: [
      telling((tx) =>
        settleAsked(tx, 1, { sub, tookMs: 10_000, callTimeoutMs: 10_000 }, { isOut: false, link: "lost" }),
      ),
    ],
    noteForgotten: [
      telling((tx) => noteForgotten(tx, RUN, [{ sub, resetId: "reset_1", atMs: 1 }], "unsettled")),
    ],
    holdMails: [telling((tx) => holdMails(tx, 1, 60_000))],
    noteUnsentLink: [telling((tx) => noteUnsentLink(tx, 1, "reset_1"))],
    noteLostLink: [telling((tx) => noteLostLink(tx, 1, { sub, tookMs: 10_000, callTimeoutMs: 10_000 }))],
    unsentAmong: [
      telling((tx) =>
        unsentAmong(
          tx,
          1,
          mails.map((mail) => ({ sub, ...mail })),
        ),
      ),
    ],
    takeOne: [telling((tx) => takeOne(tx, sub, 60_000))],
    giveBackAll: [telling((tx) => giveBackAll(tx, sub))],
    dropCounts: [telling((tx) => dropCounts(tx, IDENTITY, 1_000))],
    dropOver: [telling((tx) => dropOver(tx, 1_000))],
    forgetCopied: [telling((tx) => forgetCopied(tx, RUN))],
    beginOwnMails: [telling((tx) => beginOwnMails(tx, 1))],
    beginMailRecord: [telling((tx) => beginMailRecord(tx, 1))],
    copyMails: [telling((tx) => copyMails(tx, RUN, mails, "mailed", 1))],
  };
}

const CURSOR = { ...RUN, name: "snapshot" };
const HOLDER = { key: PACE_KEY, holder: "somebody", leaseMs: 5_000 };

function ofRun(): Record<string, Asked[]> {
  const failure = { migrationId: 1, activity: "plan", signature: "s", detail: "d" };
  return {
    ownMigration: [
      telling((tx) => ownMigration(tx, { ...IDENTITY, environment: "other" }, FILE, OWNER, undefined)),
    ],
    ownAsItStands: [telling(async (tx) => ownAsItStands(tx, "verify", OWNER, await readMigration(tx, 1)))],
    beginRedrive: [telling((tx) => beginRedrive(tx, RUN, OWNER.firstRunId))],
    forgetVerification: [telling((tx) => forgetVerification(tx, 1))],
    unseeAfter: [telling((tx) => unseeAfter(tx, RUN, "user", "", 2_000))],
    ageDifferences: [telling((tx) => ageDifferences(tx, RUN, 2_000))],
    ownForUndo: [telling(async (tx) => ownForUndo(tx, UNDO, OWNER, await readMigration(tx, 1)))],
    refuseEarlier: [telling((tx) => refuseEarlier(tx, RUN))],
    noteListed: [telling((tx) => noteListed(tx, RUN))],
    disownMigration: [telling((tx) => disownMigration(tx, 1, "run-1"))],
    rememberAccount: [telling((tx) => rememberAccount(tx, 1, "123456789012"))],
    takeCursor: [(ledger) => takeCursor(ledger, CURSOR, FENCE)],
    moveCursor: [
      telling((tx) => moveCursor(tx, CURSOR, FENCE, { position: "p", done: false, counters: {} })),
    ],
    replaceConfiguration: [
      telling((tx) => replaceConfiguration(tx, 1, 1, "group", [{ name: "a", data: {} }])),
    ],
    replaceFindings: [telling((tx) => replaceFindings(tx, 1, 1, "plan", []))],
    beginAsking: [telling((tx) => beginAsking(tx, CAMPAIGN, ASKED))],
    beginApproved: [telling((tx) => beginApproved(tx, CAMPAIGN, ASKED))],
    endApproved: [telling((tx) => endApproved(tx, CAMPAIGN))],
    keepAnswers: [telling((tx) => keepAnswers(tx, RUN, [GATE_ANSWER]))],
    forgetOtherAnswers: [telling((tx) => forgetOtherAnswers(tx, RUN, ["Corp"]))],
    replaceProviderChecks: [telling((tx) => replaceProviderChecks(tx, RUN, []))],
    countFailure: [telling((tx) => countFailure(tx, failure))],
    forgetFailures: [telling((tx) => forgetFailures(tx, 1))],
    takeLeases: [telling((tx) => takeLeases(tx, HOLDER, 16, 4))],
    renewLeases: [telling((tx) => renewLeases(tx, HOLDER))],
    wantLeases: [telling((tx) => wantLeases(tx, PACE_KEY))],
    giveBackLeases: [telling((tx) => giveBackLeases(tx, HOLDER, [1, 2]))],
    setPace: [telling((tx) => setPace(tx, PACE_KEY, 10))],
    reserve: [(ledger) => reserve(ledger, [PACE_KEY], 1)],
    reserveAt: [telling((tx) => reserveAt(tx, [PACE_KEY], 1, nowMsSql(tx)))],
    debit: [telling((tx) => debit(tx, PACE_KEY, 1))],
    blockPace: [telling((tx) => blockPace(tx, [PACE_KEY], 1))],
  };
}
