import { passwordResets } from "../../../src/domain/migration/password-resets.ts";
import { subsByAccount, subsByTakenBack } from "../../../src/ledger/accounts-by-id.ts";
import { readApplications } from "../../../src/ledger/applications.ts";
import { approvedMails } from "../../../src/ledger/approved-mails.ts";
import { attributesOf } from "../../../src/ledger/attributes.ts";
import { isBeingMoved, movedAmong, movedPerDay } from "../../../src/ledger/bridge.ts";
import { timesTaken } from "../../../src/ledger/bridge-limits.ts";
import {
  bridgeCluster,
  bridgePeople,
  bridgeUser,
  bridgeWitnesses,
  isListed,
  isOfAnotherPool,
  isSelected,
  oldestGeneration,
  withLinked,
} from "../../../src/ledger/bridge-people.ts";
import { importedByAge, resetStatesOf, resetsAfter, whyNoMail } from "../../../src/ledger/campaign.ts";
import { changedSince } from "../../../src/ledger/changed-since.ts";
import { clustersByKey, withWhatStands } from "../../../src/ledger/clusters.ts";
import { readConfiguration, readPool } from "../../../src/ledger/configuration.ts";
import { readCursor } from "../../../src/ledger/cursors.ts";
import { countDifferences, differenceSlices, differencesOfPerson } from "../../../src/ledger/differences.ts";
import { earlierAccounts } from "../../../src/ledger/earlier-accounts.ts";
import { readFindings } from "../../../src/ledger/findings.ts";
import { firstMails } from "../../../src/ledger/first-mails.ts";
import { keptAnswers } from "../../../src/ledger/gate-answers.ts";
import { ledgerIncarnation } from "../../../src/ledger/incarnation.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { liveTotals } from "../../../src/ledger/live-totals.ts";
import { duePeople, lookAt } from "../../../src/ledger/looks.ts";
import { activityFailures, allMigrations, subsByEmail } from "../../../src/ledger/lookups.ts";
import { mailRecordPosition, mailsHeldForMs } from "../../../src/ledger/mail-record.ts";
import {
  accountedAmong,
  campaignMails,
  mailedAmong,
  mailedBefore,
  mailsSince,
} from "../../../src/ledger/mails.ts";
import { knownAmong, listedAmong, usernamesAfter } from "../../../src/ledger/named-people.ts";
import { newerPassword } from "../../../src/ledger/newer-password.ts";
import { outcomesAfter, outcomesOf } from "../../../src/ledger/outcomes.ts";
import { readPace } from "../../../src/ledger/pace.ts";
import { phaseCounts } from "../../../src/ledger/phase-counts.ts";
import { countStanding, placedAfter, placedAmong, standingIds } from "../../../src/ledger/placed.ts";
import {
  clusterAfter,
  clusterSizes,
  clustersAmong,
  decisionsAmong,
  groupsOf,
  groupsOfUpTo,
  membersAmong,
  sourceUsersAfter,
  takenByLinks,
  withIdentities,
  withPlaced,
} from "../../../src/ledger/plan.ts";
import {
  lastPlanned,
  lastPlannedAmong,
  membershipsOfPerson,
  objectsAfter,
  plannedAmong,
  plannedObjects,
} from "../../../src/ledger/planned-objects.ts";
import { plannedOrganizations } from "../../../src/ledger/planned-organizations.ts";
import { provenAmong } from "../../../src/ledger/proofs.ts";
import { readProviderChecks } from "../../../src/ledger/providers.ts";
import {
  doneByIntent,
  endedByCode,
  endedByKind,
  failedItemsAfter,
  itemsAfter,
  lastAnswers,
  recentFailures,
  settledBySlot,
  settledTimes,
} from "../../../src/ledger/queue-endings.ts";
import {
  dueOrdinals,
  firstOpen,
  itemsAmong,
  keysUpTo,
  lastOrdinal,
  nextDueAtMs,
  openKeysAfter,
  openRanges,
  queuedAmong,
  rangeCounts,
} from "../../../src/ledger/queue-questions.ts";
import { failedWork, hasBegun, hasEnded } from "../../../src/ledger/redrive.ts";
import { hasCompletedReset, resetPositions } from "../../../src/ledger/reset-events.ts";
import {
  findMigration,
  findMigrationInForce,
  identityOf,
  migrationsOfPool,
  readMigration,
  standingOf,
} from "../../../src/ledger/runs.ts";
import {
  holdersOf,
  identitiesAfter,
  identitiesAmong,
  identitiesByProvider,
  providersAmong,
  sourceUsersBySub,
} from "../../../src/ledger/source-users.ts";
import { externalIdsTried, renamedAmong, rolesMade } from "../../../src/ledger/standing-structure.ts";
import { storyOf } from "../../../src/ledger/story.ts";
import { takenBackAmong } from "../../../src/ledger/taken-back.ts";
import { changedAfter, undecidedAfter } from "../../../src/ledger/undecided.ts";
import { beforeImages, hasBridgeBegun, toUndoAfter, undoneForMs } from "../../../src/ledger/undo.ts";
import { likeLostForMs } from "../../../src/ledger/unsent-links.ts";
import {
  hasVerified,
  unheardAmong,
  writtenAmong,
  writtenMemberships,
} from "../../../src/ledger/verification.ts";
import { isSharedAddress, leftSince, linkedAmong, peopleByAddress } from "../../../src/ledger/who-else.ts";
import { CANARY_TO } from "../../../src/plan/counters.ts";
import { FIRST_SETTLED_MS, largeEmail, SETTLED_EVERY_MS } from "../large.ts";
import { type Asked, asking, IDENTITY, MIGRATION, NEXT_RUN, PACE_KEY, type Pool, RUN } from "./pool.ts";

/** Every question, by the name of its function; the sizes of slices are those of its callers. */
export function questionsOf(pool: Pool): Record<string, Asked[]> {
  return { ...ofPeople(pool), ...ofObjects(pool), ...ofQueue(pool), ...ofBridge(pool), ...ofRun() };
}

function ofPeople(pool: Pool): Record<string, Asked[]> {
  const { sub, middle } = pool;
  const email = largeEmail(middle);
  const emails = Array.from({ length: 500 }, (_, index) => largeEmail(middle + index));
  const ids = Array.from({ length: 100 }, (_, index) => `id_${middle + index}`);
  const createdAtMs = 1_700_000_000_000;
  return {
    attributesOf: [asking((db) => attributesOf(db, 1, pool.subs(100)))],
    sourceUsersBySub: [asking((db) => sourceUsersBySub(db, 1, pool.subs(500)))],
    knownAmong: [asking((db) => knownAmong(db, 1, pool.subs(1_000)))],
    listedAmong: [asking((db) => listedAmong(db, 1, 1, pool.subs(1_000)))],
    usernamesAfter: [
      asking((db) => usernamesAfter(db, 1, 1, null, 5_000)),
      asking((db) => usernamesAfter(db, 1, 1, sub, 5_000)),
    ],
    sourceUsersAfter: [
      asking((db) => sourceUsersAfter(db, RUN, "", 500)),
      asking((db) => sourceUsersAfter(db, RUN, sub, 500)),
    ],
    clusterAfter: [
      asking((db) => clusterAfter(db, RUN, email, "", 1_001)),
      asking((db) => clusterAfter(db, RUN, email, sub, 500)),
    ],
    clustersAmong: [asking((db) => clustersAmong(db, RUN, emails))],
    clustersByKey: [asking((db) => clustersByKey(db, RUN, emails.slice(0, 50)))],
    withWhatStands: [
      asking(async (db) => withWhatStands(db, RUN, [{ users: await sourceUsersAfter(db, RUN, sub, 500) }])),
    ],
    undecidedAfter: [
      asking((db) => undecidedAfter(db, RUN, "", 1_000)),
      asking((db) => undecidedAfter(db, RUN, sub, 1_000)),
    ],
    changedAfter: [
      asking((db) => changedAfter(db, RUN, "", 2_000)),
      asking((db) => changedAfter(db, RUN, sub, 2_000)),
    ],
    subsByTakenBack: [asking((db) => subsByTakenBack(db, 1, ids))],
    clusterSizes: [asking((db) => clusterSizes(db, RUN, emails, 51))],
    holdersOf: [asking((db) => holdersOf(db, 1, "Google", pool.subs(1_000)))],
    linkedAmong: [asking((db) => linkedAmong(db, RUN, pool.subs(1_000)))],
    leftSince: [asking((db) => leftSince(db, RUN, pool.subs(1_000)))],
    peopleByAddress: [asking((db) => peopleByAddress(db, RUN, emails))],
    isSharedAddress: [asking((db) => isSharedAddress(db, RUN, sub, emails[0] ?? ""))],
    takenByLinks: [asking((db) => takenByLinks(db, RUN, emails))],
    withPlaced: [asking(async (db) => withPlaced(db, 1, await sourceUsersAfter(db, RUN, sub, 500)))],
    withIdentities: [
      asking(async (db) => {
        const cluster = await withPlaced(db, 1, await sourceUsersAfter(db, RUN, sub, 500));
        return withIdentities(db, 1, [cluster.map((user) => ({ ...user, email_verified: 0 }))]);
      }),
    ],
    membersAmong: [asking((db) => membersAmong(db, RUN, "group-50", pool.subs(500)))],
    hasEnded: [asking((db) => hasEnded(db, { id: 1, generation: 1 }))],
    hasBegun: [asking((db) => hasBegun(db, { ...RUN, firstRunId: "first" }))],
    groupsOf: [asking((db) => groupsOf(db, RUN, pool.subs(100)))],
    groupsOfUpTo: [asking((db) => groupsOfUpTo(db, RUN, pool.subs(500), 4_000))],
    identitiesAfter: [
      asking((db) => identitiesAfter(db, 1, null, 2_000)),
      asking((db) => identitiesAfter(db, 1, { provider: "Corp", user_id: "5", sub }, 2_000)),
    ],
    identitiesAmong: [asking((db) => identitiesAmong(db, 1, pool.subs(500)))],
    providersAmong: [asking((db) => providersAmong(db, 1, pool.subs(500)))],
    identitiesByProvider: [asking((db) => identitiesByProvider(db, 1, pool.subs(500)))],
    decisionsAmong: [asking((db) => decisionsAmong(db, RUN, pool.subs(1_000)))],
    earlierAccounts: [
      asking((db) => earlierAccounts(db, 1, NEXT_RUN.generation, emails)),
      asking((db) => earlierAccounts(db, 1, oldestGeneration(db, MIGRATION), [email])),
    ],
    outcomesAfter: [
      asking((db) => outcomesAfter(db, MIGRATION, "", 1_000)),
      asking((db) => outcomesAfter(db, MIGRATION, sub, 1_000)),
    ],
    outcomesOf: [asking((db) => outcomesOf(db, MIGRATION, pool.subs(100)))],
    storyOf: [asking(async (db) => storyOf(db, await readMigration(db, 1), sub))],
    subsByEmail: [asking((db) => subsByEmail(db, MIGRATION, email))],
    importedByAge: [
      asking((db) => importedByAge(db, RUN, "asc", null, 500)),
      asking((db) => importedByAge(db, RUN, "asc", { createdAtMs, sub }, 500)),
      asking((db) => importedByAge(db, RUN, "desc", { createdAtMs, sub }, 500)),
    ],
    resetsAfter: [
      asking((db) => resetsAfter(db, RUN, "", 1_000, false)),
      asking((db) => resetsAfter(db, RUN, sub, 1_000, false)),
    ],
    resetStatesOf: [asking((db) => resetStatesOf(db, RUN, [sub]))],
    whyNoMail: [asking((db) => whyNoMail(db, 1, { sub, userId: `id_${middle}` }))],
    firstMails: [
      asking((db) => firstMails(db, RUN, firstOnes(100), { [CANARY_TO]: 100 })),
      asking((db) => firstMails(db, RUN, firstOnes([...pool.subs(100)]), {})),
    ],
    mailedAmong: [asking((db) => mailedAmong(db, 1, pool.subs(100)))],
    campaignMails: [asking((db) => campaignMails(db, 1, pool.subs(500)))],
    duePeople: [asking((db) => duePeople(db, pool.range("resets", 500), 600_000, 500))],
    lookAt: [asking((db) => lookAt(db, RUN, sub, 600_000))],
    mailedBefore: [asking((db) => mailedBefore(db, 1, 1_000))],
    mailsSince: [
      asking((db) => mailsSince(db, 1, FIRST_SETTLED_MS + (middle / 2) * SETTLED_EVERY_MS, 50_000)),
    ],
    writtenAmong: [asking((db) => writtenAmong(db, RUN, pool.subs(100)))],
  };
}

/** Of a file that mails these first. */
function firstOnes(canary: number | string[]) {
  return { ...passwordResets.parse({ send: true, canary }), perSecond: 1 };
}

const ALL = { removes: true, restores: true };
const ABLE = {
  user: ALL,
  membership: ALL,
  organization: ALL,
  role: ALL,
  connection: ALL,
  redirect_uri: ALL,
  application: ALL,
};

function ofObjects(pool: Pool): Record<string, Asked[]> {
  const { sub, membership } = pool;
  return {
    placedAmong: [
      asking((db) => placedAmong(db, 1, "user", pool.subs(1_000))),
      asking((db) => placedAmong(db, 1, "membership", pool.memberships(4_000))),
    ],
    rolesMade: [asking((db) => rolesMade(db, 1, ["admin", "editors"]))],
    placedAfter: [
      asking((db) => placedAfter(db, 1, "user", "", 2_000)),
      asking((db) => placedAfter(db, 1, "user", sub, 2_000)),
      asking((db) => placedAfter(db, 1, "membership", membership, 2_000)),
      asking((db) => placedAfter(db, 1, "organization", "group-50", 1)),
    ],
    differencesOfPerson: [asking((db) => differencesOfPerson(db, 1, pool.sub))],
    differenceSlices: [(ledger) => everyDifference(ledger)],
    countDifferences: [(ledger) => countDifferences(ledger, 1)],
    countStanding: [(ledger) => countStanding(ledger, 1, "user")],
    standingIds: [
      asking((db) => standingIds(db, 1, "user", pool.subs(500))),
      asking((db) => standingIds(db, 1, "organization", ["group-50"])),
    ],
    lastPlanned: pool
      .memberships(1)
      .map((key) => asking((db) => lastPlanned(db, 1, { kind: "membership", key }))),
    lastPlannedAmong: [
      asking((db) => lastPlannedAmong(db, 1, "organization", ["group-1", "group-50"])),
      asking((db) => lastPlannedAmong(db, 1, "membership", pool.memberships(100))),
    ],
    plannedAmong: [asking((db) => plannedAmong(db, RUN, "membership", pool.memberships(4_000)))],
    membershipsOfPerson: [asking((db) => membershipsOfPerson(db, RUN, sub))],
    objectsAfter: [
      asking((db) => objectsAfter(db, RUN, "membership", "", 1_000)),
      asking((db) => objectsAfter(db, RUN, "membership", membership, 1_000)),
      asking((db) => objectsAfter(db, RUN, "organization", "", 1_000)),
    ],
    plannedObjects: [asking((db) => plannedObjects(db, RUN, "organization"))],
    externalIdsTried: [asking((db) => externalIdsTried(db, 1, ["group-1", "group-2"]))],
    renamedAmong: [
      asking((db) =>
        renamedAmong(
          db,
          1,
          new Map([
            ["group-1", "group-1"],
            ["group-2", "crm-2"],
          ]),
        ),
      ),
    ],
    toUndoAfter: [
      asking((db) => toUndoAfter(db, 1, "user", sub, 1_000, ABLE)),
      asking((db) => toUndoAfter(db, 1, "membership", membership, 1_000, ABLE)),
    ],
    beforeImages: [asking((db) => beforeImages(db, 1, pool.subs(500)))],
    takenBackAmong: [asking((db) => takenBackAmong(db, 1, pool.subs(100)))],
    plannedOrganizations: [
      asking((db) => plannedOrganizations(db, RUN, null, 1_000)),
      asking((db) => plannedOrganizations(db, RUN, "group-50", 1_000)),
    ],
    readApplications: [asking((db) => readApplications(db, 1))],
    subsByAccount: [
      asking((db) =>
        subsByAccount(
          db,
          1,
          Array.from({ length: 100 }, (_, at) => `id_${pool.middle + at}`),
        ),
      ),
    ],
    writtenMemberships: [asking((db) => writtenMemberships(db, RUN, pool.memberships(100)))],
    unheardAmong: [asking((db) => unheardAmong(db, RUN, "user", pool.subs(2_000)))],
  };
}

function ofQueue(pool: Pool): Record<string, Asked[]> {
  const phases = ["users", "memberships", "resets"] as const;
  const ofEach = (question: (phase: (typeof phases)[number]) => Asked) => phases.map(question);
  return {
    lastOrdinal: [
      ...ofEach((phase) => asking((db) => lastOrdinal(db, RUN, phase))),
      asking((db) => lastOrdinal(db, NEXT_RUN, "users")),
    ],
    dueOrdinals: ofEach((phase) =>
      asking((db) => dueOrdinals(db, RUN, phase, { from: 1, dueByMs: 1, limit: 500 })),
    ),
    nextDueAtMs: [asking((db) => nextDueAtMs(db, RUN, "resets", 100))],
    openKeysAfter: [asking((db) => openKeysAfter(db, RUN, "memberships", 1_000, 5_000))],
    keysUpTo: [asking((db) => keysUpTo(db, RUN, "resets", { to: 100, sinceMs: 0 }))],
    queuedAmong: ofEach((phase) => asking((db) => queuedAmong(db, RUN, phase, pool.subs(500)))),
    itemsAmong: [
      asking((db) => itemsAmong(db, RUN, "users", "user", pool.subs(1_000))),
      asking((db) => itemsAmong(db, RUN, "memberships", "membership", pool.memberships(1_000))),
    ],
    openRanges: ofEach((phase) => asking((db) => openRanges(db, RUN, phase, 1, 500, 4))),
    firstOpen: [
      ...ofEach((phase) => asking((db) => firstOpen(db, RUN, phase))),
      asking((db) => firstOpen(db, NEXT_RUN, "users")),
    ],
    rangeCounts: ofEach((phase) => asking((db) => rangeCounts(db, pool.range(phase, 500)))),
    doneByIntent: [asking((db) => doneByIntent(db, RUN, "users", { from: 1, to: 10_000 }))],
    endedByKind: [asking((db) => endedByKind(db, RUN, "users", { from: 1, to: 10_000 }))],
    settledBySlot: ofEach((phase) =>
      asking((db) =>
        settledBySlot(db, RUN, phase, pool.range(phase, 10_000), {
          fromMs: FIRST_SETTLED_MS,
          slotMs: 60_000,
        }),
      ),
    ),
    endedByCode: ofEach((phase) => asking((db) => endedByCode(db, RUN, phase, pool.range(phase, 1_000)))),
    recentFailures: ofEach((phase) => asking((db) => recentFailures(db, RUN, phase, 200))),
    lastAnswers: ofEach((phase) => asking((db) => lastAnswers(db, RUN, phase, 500))),
    failedItemsAfter: ofEach((phase) =>
      asking((db) => failedItemsAfter(db, RUN, phase, pool.firstPending(phase), 1_000)),
    ),
    failedWork: ofEach((phase) =>
      asking((db) => {
        const after = pool.firstPending(phase);
        return failedWork(db, RUN, phase, { after, to: after + 5_000 }, 1_000);
      }),
    ),
    itemsAfter: ofEach((phase) =>
      asking((db) => itemsAfter(db, RUN, phase, pool.firstPending(phase), 1_000)),
    ),
    settledTimes: [
      ...ofEach((phase) => asking((db) => settledTimes(db, RUN, phase))),
      asking((db) => settledTimes(db, NEXT_RUN, "users")),
    ],
    phaseCounts: ofEach((phase) => asking((db) => phaseCounts(db, RUN, phase))),
  };
}

function ofBridge(pool: Pool): Record<string, Asked[]> {
  const { sub, middle } = pool;
  return {
    timesTaken: [asking((db) => timesTaken(db, sub, 60_000))],
    bridgeWitnesses: [asking((db) => bridgeWitnesses(db, MIGRATION, [], [largeEmail(middle)]))],
    bridgeCluster: [asking((db) => bridgeCluster(db, MIGRATION, largeEmail(middle)))],
    bridgePeople: [asking((db) => bridgePeople(db, MIGRATION, largeEmail(middle)))],
    bridgeUser: [asking((db) => bridgeUser(db, MIGRATION, sub))],
    withLinked: [
      asking(async (db) => withLinked(db, MIGRATION, await bridgeCluster(db, MIGRATION, largeEmail(middle)))),
    ],
    findMigrationInForce: [asking((db) => findMigrationInForce(db, IDENTITY))],
    isListed: [asking((db) => isListed(db, MIGRATION, { generation: 1 }))],
    isOfAnotherPool: [
      asking((db) => isOfAnotherPool(db, { ...MIGRATION, destinationKind: "workos", environment: "e" }, sub)),
    ],
    isSelected: [asking((db) => isSelected(db, { ...MIGRATION, inForce: null }, sub))],
    movedAmong: [asking((db) => movedAmong(db, 1, pool.subs(1_000)))],
    provenAmong: [asking((db) => provenAmong(db, 1, pool.subs(1_000)))],
    movedPerDay: [(ledger) => movedPerDay(ledger, 1)],
    isBeingMoved: [asking((db) => isBeingMoved(db, 1, sub, 30_000))],
    hasBridgeBegun: [asking((db) => hasBridgeBegun(db, 1))],
    undoneForMs: [asking((db) => undoneForMs(db, 1))],
    resetPositions: [asking((db) => resetPositions(db, 1))],
    newerPassword: [
      asking((db) =>
        newerPassword(db, 1, { sub, accountId: `id_${middle}` }, { pastMs: 60_000, unlistedMs: 60_000 }),
      ),
    ],
    mailsHeldForMs: [asking((db) => mailsHeldForMs(db, 1, 60_000))],
    ledgerIncarnation: [asking((db) => ledgerIncarnation(db))],
    accountedAmong: [asking((db) => accountedAmong(db, 1, pool.subs(1_000)))],
    likeLostForMs: [asking((db) => likeLostForMs(db, 1, { sub, callTimeoutMs: 10_000 }))],
    mailRecordPosition: [asking((db) => mailRecordPosition(db, RUN))],
    hasCompletedReset: [asking((db) => hasCompletedReset(db, 1, `id_${middle}`))],
  };
}

function ofRun(): Record<string, Asked[]> {
  return {
    allMigrations: [asking((db) => allMigrations(db))],
    identityOf: [asking((db) => identityOf(db, 1))],
    findMigration: [asking((db) => findMigration(db, IDENTITY))],
    migrationsOfPool: [asking((db) => migrationsOfPool(db, IDENTITY.poolId))],
    standingOf: [asking((db) => standingOf(db, { ...RUN, firstRunId: "run" }))],
    readMigration: [asking((db) => readMigration(db, 1))],
    readConfiguration: [asking((db) => readConfiguration(db, 1, "group"))],
    readPool: [asking((db) => readPool(db, 1))],
    changedSince: [(ledger) => changedSince(ledger, RUN)],
    readCursor: [(ledger) => readCursor(ledger, { ...RUN, name: "snapshot" })],
    hasVerified: [(ledger) => hasVerified(ledger, RUN)],
    readFindings: [asking((db) => readFindings(db, 1))],
    readPace: [(ledger) => readPace(ledger, [PACE_KEY])],
    approvedMails: [asking((db) => approvedMails(db, NEXT_RUN))],
    keptAnswers: [asking((db) => keptAnswers(db, NEXT_RUN))],
    readProviderChecks: [asking((db) => readProviderChecks(db, 1))],
    activityFailures: [asking((db) => activityFailures(db, 1))],
    liveTotals: [asking((db) => liveTotals(db, RUN))],
  };
}

async function everyDifference(ledger: Ledger): Promise<number> {
  let count = 0;
  for await (const slice of differenceSlices(ledger, 1)) count += slice.length;
  return count;
}
