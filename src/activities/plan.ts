import type { Destination } from "../destinations/destination.ts";
import { type Counters, type Cursor, type CursorId, moveCursor, takeCursor } from "../ledger/cursors.ts";
import { type Finding, replaceFindings } from "../ledger/findings.ts";
import type { Ledger, Tx } from "../ledger/ledger.ts";
import {
  addWorkItems,
  lastOrdinal,
  membersAmong,
  noteChanged,
  type PlannedUser,
  type PlanPosition,
  replanWorkItems,
  usersByCluster,
  writeDecisions,
} from "../ledger/plan.ts";
import { readMigration } from "../ledger/runs.ts";
import {
  type IdentityRow,
  identitiesAfter,
  setClusterKey,
  sourceUsersBySub,
} from "../ledger/source-users.ts";
import type { Migration } from "../migration.ts";
import { type Account, type Decision, decideCluster, MAX_CLUSTER } from "../plan/decide.ts";
import { sharedKey } from "../plan/links.ts";
import { recordHash, toRecord, withoutFields } from "../plan/record.ts";
import type { Blocked, PhaseInput, PhaseTotals, Progress, RunRef } from "../workflows/contract.ts";
import { blocked } from "./blocked.ts";
import type { Deps } from "./deps.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "./pulse.ts";
import { Tally } from "./tally.ts";

/** Keeps every statement and the wait for the ledger's write lock far under 250 ms. */
const SLICE_USERS = 500;
const SLICE_IDENTITIES = 2_000;
const SHARE_MS = 60_000;
const MAX_EXAMPLES = 2;
const OVER_LIMIT = "attribute_over_limit";
const OVER_LIMIT_ADVICE =
  'resume with {"accept": ["attribute_over_limit"]} drops it, or cancel the run, change "attributes" and start again';

/** Gives every listed user one decision, in slices that never cut a cluster, and numbers the work items. */
export async function plan(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const until = Date.now() + SHARE_MS;
  const planner = new Planner(deps.ledger, pulse, run, file, deps.destinationOf(file.destination));
  if (!(await planner.linkUntil(until))) return { status: "more", totals: totalsOf({}, false) };
  const cursor = await planner.decideUntil(until);
  if (!cursor.done) return { status: "more", totals: totalsOf(cursor.counters, false) };
  const stopped = await planner.conclude(cursor.counters, accepted);
  return stopped ?? { status: "complete", totals: totalsOf(cursor.counters, true) };
}

function totalsOf({ planned = 0, skip = 0 }: Counters, isComplete: boolean): PhaseTotals {
  return { done: planned - skip, failed: 0, skipped: skip, of: isComplete ? planned : null };
}

class Planner {
  readonly #ledger: Ledger;
  readonly #pulse: Pulse;
  readonly #run: RunRef;
  readonly #file: Migration;
  readonly #destination: Destination;

  constructor(ledger: Ledger, pulse: Pulse, run: RunRef, file: Migration, destination: Destination) {
    this.#ledger = ledger;
    this.#pulse = pulse;
    this.#run = run;
    this.#file = file;
    this.#destination = destination;
  }

  /** Accounts that share an identity get one cluster key. True when all are done. */
  async linkUntil(until: number): Promise<boolean> {
    const id = this.#cursorId("plan:links");
    let cursor = await takeCursor(this.#ledger, id, this.#pulse.fence);
    while (!cursor.done && Date.now() < until) {
      this.#pulse.throwIfCancelled();
      cursor = await this.#slice((tx) => this.#linkSlice(tx, id, cursor));
    }
    return cursor.done;
  }

  async #linkSlice(tx: Tx, id: CursorId, cursor: Cursor): Promise<Cursor> {
    const { migrationId } = this.#run;
    const after = cursor.position === null ? null : (JSON.parse(cursor.position) as IdentityRow);
    const rows = await identitiesAfter(tx, migrationId, after, SLICE_IDENTITIES);
    const isLast = rows.length < SLICE_IDENTITIES;
    const groups = Map.groupBy(rows, (row) => JSON.stringify([row.provider, row.user_id]));
    const keys = [...groups.keys()];
    // The last group may go on in the next slice, unless it is all there is.
    const cut = isLast || keys.length < 2 ? keys : keys.slice(0, -1);
    for (const key of cut) await this.#linkHolders(tx, groups.get(key) ?? []);
    const last = cut.at(-1);
    const position = last === undefined ? null : (groups.get(last)?.at(-1) ?? null);
    const next: Cursor = {
      position: position === null ? cursor.position : JSON.stringify(position),
      done: isLast,
      counters: {},
    };
    await moveCursor(tx, id, this.#pulse.fence, next);
    return next;
  }

  async #linkHolders(tx: Tx, identities: readonly IdentityRow[]): Promise<void> {
    if (identities.length < 2 || identities.length > MAX_CLUSTER) return;
    const { migrationId, generation } = this.#run;
    const users = await sourceUsersBySub(
      tx,
      migrationId,
      identities.map((row) => row.sub),
    );
    const holders = [...users.values()].filter((user) => user.generation === generation);
    const key = sharedKey(
      holders.map((user) => ({
        sub: user.sub,
        native: user.native === 1,
        emailVerified: user.email_verified === 1,
        createdAtMs: user.created_at_ms,
        clusterKey: user.cluster_key,
      })),
    );
    if (key !== null)
      await setClusterKey(
        tx,
        migrationId,
        holders.map((user) => user.sub),
        key,
      );
  }

  async decideUntil(until: number): Promise<Cursor> {
    const id = this.#cursorId("plan");
    let cursor = await takeCursor(this.#ledger, id, this.#pulse.fence);
    while (!cursor.done && Date.now() < until) {
      this.#pulse.throwIfCancelled();
      cursor = await this.#slice((tx) => this.#decideSlice(tx, id, cursor));
      this.#pulse.show({ planned: cursor.counters.planned ?? 0 });
    }
    return cursor;
  }

  async #decideSlice(tx: Tx, id: CursorId, cursor: Cursor): Promise<Cursor> {
    const { migrationId, generation } = this.#run;
    const position = cursor.position === null ? null : (JSON.parse(cursor.position) as PlanPosition);
    const rows = await usersByCluster(tx, migrationId, generation, position, SLICE_USERS);
    const slice = await this.#wholeClusters(tx, rows, position);
    const counters = new Tally(cursor.counters);
    const decided = await this.#decide(tx, slice, counters);
    await this.#write(tx, decided, counters);
    const next: Cursor = {
      position: slice.end === null ? cursor.position : JSON.stringify(slice.end),
      done: rows.length === 0,
      counters: counters.all(),
    };
    await moveCursor(tx, id, this.#pulse.fence, next);
    return next;
  }

  /** Cuts rows so that no cluster is split; one too large to hold is walked in parts and decided as such. */
  async #wholeClusters(tx: Tx, rows: readonly PlannedUser[], after: PlanPosition | null): Promise<Slice> {
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return { clusters: [], tooMany: false, end: null };
    const inParts = after?.sub != null && after.clusterKey === first.cluster_key;
    if (inParts) return part(rows, first.cluster_key);
    if (rows.length < SLICE_USERS) return whole(rows);
    if (first.cluster_key !== last.cluster_key)
      return whole(rows.filter((row) => row.cluster_key !== last.cluster_key));
    const { migrationId, generation } = this.#run;
    const more = await usersByCluster(tx, migrationId, generation, after, MAX_CLUSTER + 1);
    const cluster = more.filter((row) => row.cluster_key === first.cluster_key);
    return cluster.length > MAX_CLUSTER ? part(rows, first.cluster_key) : whole(cluster);
  }

  async #decide(tx: Tx, slice: Slice, counters: Tally): Promise<Decided[]> {
    const decided: Decided[] = [];
    const policy = {
      users: this.#file.users,
      refusesEmail: (email: string) => this.#destination.refusesEmail(email),
    };
    const isSelected = await this.#selection(tx, slice.clusters.flat());
    for (const cluster of slice.clusters) {
      const selected = isSelected(cluster, counters);
      const decisions = selected
        ? decideCluster(cluster.map(toAccount), policy, slice.tooMany)
        : cluster.map(
            (user): Decision => ({ sub: user.sub, action: "skip", reason: "not_selected", mergeInto: null }),
          );
      const users = new Map(cluster.map((user) => [user.sub, user]));
      for (const decision of decisions) {
        const user = users.get(decision.sub);
        if (user === undefined) throw new Error("A decision is about nobody in its cluster.");
        decided.push({ decision, user });
        counters.add("planned", 1);
        counters.add(decision.action, 1);
        if (user.identities_broken === 1) counters.add("identities_broken", 1);
        if (decision.reason !== null) counters.add(`reason:${decision.reason}`, 1);
      }
    }
    return decided;
  }

  /** `only` narrows the plan by whole clusters. */
  async #selection(tx: Tx, users: readonly PlannedUser[]) {
    const { only } = this.#file;
    if (only === undefined) return () => true;
    if ("limit" in only)
      return (_: readonly PlannedUser[], counters: Tally) => counters.get("create") < only.limit;
    const subs = users.map((user) => user.sub);
    const chosen =
      "subs" in only ? new Set(only.subs) : await membersAmong(tx, this.#run.migrationId, only.group, subs);
    return (cluster: readonly PlannedUser[]) => cluster.some((user) => chosen.has(user.sub));
  }

  async #write(tx: Tx, decided: readonly Decided[], counters: Tally): Promise<void> {
    const { migrationId, generation } = this.#run;
    await writeDecisions(
      tx,
      migrationId,
      generation,
      decided.map(({ decision }) => decision),
    );
    const creates = decided.filter(({ decision }) => decision.action === "create");
    const others = decided.filter(({ decision }) => decision.action !== "create");
    const changed: string[] = [];
    for (const { user } of creates) {
      const record = this.#checkedRecord(user, counters);
      if (user.itemState === "done" && user.itemHash !== recordHash(record)) changed.push(user.sub);
    }
    await noteChanged(tx, migrationId, changed);
    counters.add("changed", changed.length);
    const isNew = ({ user }: Decided) => user.itemState === null;
    const subsOf = (some: readonly Decided[]) => some.map(({ user }) => user.sub);
    const last = await lastOrdinal(tx, migrationId, "users");
    await addWorkItems(tx, migrationId, "users", last, subsOf(creates.filter(isNew)));
    await replanWorkItems(tx, migrationId, "users", subsOf(creates.filter((d) => !isNew(d))), "pending");
    await replanWorkItems(tx, migrationId, "users", subsOf(others.filter((d) => !isNew(d))), "skipped");
  }

  /** The record as it will be sent; values that the destination would refuse are counted by attribute. */
  #checkedRecord(user: PlannedUser, counters: Tally) {
    const attributes = JSON.parse(user.attributes) as Record<string, string>;
    const record = toRecord(user.sub, attributes, this.#file.attributes);
    const problems = this.#destination.recordProblems(record);
    for (const { attribute, problem } of problems) {
      const name = `over:${this.#sourceName(attribute)}:${problem}`;
      counters.addWithExample(name, user.sub, MAX_EXAMPLES);
    }
    return withoutFields(
      record,
      problems.map(({ attribute }) => attribute),
    );
  }

  /** The Cognito attribute behind a field of the record. */
  #sourceName(field: string): string {
    const mapped = Object.entries(this.#file.attributes).find(([, key]) => key === field);
    const own: Record<string, string> = {
      firstName: "given_name",
      lastName: "family_name",
      externalId: "sub",
    };
    return mapped?.[0] ?? own[field] ?? field;
  }

  /** Findings of the whole plan; a blocker if values would be refused and the file does not say to drop them. */
  async conclude(counters: Counters, accepted: readonly string[]): Promise<Blocked | null> {
    const { migrationId, generation } = this.#run;
    const drop = this.#file.attributesOverLimit === "drop";
    const findings: Omit<Finding, "phase">[] = [];
    for (const [name, count] of Object.entries(counters)) {
      if (!name.startsWith("over:")) continue;
      const [, attribute = "", problem = ""] = /^over:(.*):([^:]*)$/.exec(name) ?? [];
      const examples = new Tally(counters).examples(name);
      findings.push({
        severity: drop ? "warning" : "blocker",
        code: OVER_LIMIT,
        subject: `${attribute} ${problem}`,
        sentence: `${count} users have a value of "${attribute}" that is ${problem} (for example ${examples.join(", ")}); ${
          drop ? "it is dropped" : OVER_LIMIT_ADVICE
        }.`,
      });
    }
    if ((counters.identities_broken ?? 0) > 0)
      findings.push({
        severity: "warning",
        code: "identities_broken",
        subject: "identities",
        sentence: `${counters.identities_broken} users have an "identities" attribute that is no JSON list; their links were not used.`,
      });
    await this.#ledger.write((tx) => replaceFindings(tx, migrationId, generation, "plan", findings));
    const blockers = findings.filter((finding) => finding.severity === "blocker");
    if (blockers.length === 0 || this.#file.dryRun || accepted.includes(OVER_LIMIT)) return null;
    return blocked(OVER_LIMIT, { detail: blockers.map((finding) => finding.sentence).join(" ") });
  }

  #slice<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#pulse.during(LEDGER_TIMEOUT_MS, () => this.#ledger.write(work));
  }

  #cursorId(name: string): CursorId {
    return { migrationId: this.#run.migrationId, generation: this.#run.generation, name };
  }
}

interface Decided {
  decision: Decision;
  user: PlannedUser;
}

interface Slice {
  clusters: PlannedUser[][];
  tooMany: boolean;
  end: PlanPosition | null;
}

function whole(rows: readonly PlannedUser[]): Slice {
  const last = rows.at(-1);
  return {
    clusters: [...Map.groupBy(rows, (row) => row.cluster_key).values()],
    tooMany: false,
    end: last === undefined ? null : { clusterKey: last.cluster_key, sub: null },
  };
}

function part(rows: readonly PlannedUser[], key: string): Slice {
  const own = rows.filter((row) => row.cluster_key === key);
  const last = own.at(-1);
  return {
    clusters: [own],
    tooMany: true,
    end: last === undefined ? null : { clusterKey: key, sub: last.sub },
  };
}

function toAccount(user: PlannedUser): Account {
  return {
    sub: user.sub,
    status: user.status,
    enabled: user.enabled === 1,
    native: user.native === 1,
    email: user.email,
    emailVerified: user.email_verified === 1,
    createdAtMs: user.created_at_ms,
    written: user.itemState === "done",
  };
}
