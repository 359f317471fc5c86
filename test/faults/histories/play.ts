import { expect } from "vitest";
import type { MigrationFile } from "../../../src/domain/migration.ts";
import { approveUpdate } from "../../../src/workflows/messages.ts";
import { outcomes } from "../audit.ts";
import { dayPasses } from "../day-passes.ts";
import { FAST_PACE, progressOf, type Run, type Stage, setStage } from "../stage.ts";
import { until } from "../until.ts";
import type { WorkerProcess } from "../worker-process.ts";
import { apply, type Change, type Scene } from "./changes.ts";
import { afterRun, afterUndo } from "./model.ts";
import { smallPool } from "./people.ts";
import { inWords, seenAt } from "./seen.ts";
import { settleAll, settlePeople } from "./settle.ts";
import { type Decision, decide, outcomesIn } from "./who-comes.ts";
import { EMPTY, EVERYBODY, type Rules, type World } from "./world.ts";
import { madeAnew, mayWrite, type Names, written } from "./writes.ts";

/** Plays a history on a stage, and the model beside it. */

export interface Round {
  changes: readonly Change[];
  run: "full" | "pilot" | "dry run" | "mails" | "undo";
  /** Whom a pilot is of. */
  only: readonly number[];
  /** And of those to whom something happened in Cognito since the last run of everybody. */
  isOfChanged: boolean;
  trouble: Trouble | null;
}
type Trouble = { does: "cancel" | "kill" | "kill and cancel"; after: number };

const ORGANIZATIONS: Record<Rules["organizations"], MigrationFile["organizations"]> = {
  none: { from: "none" },
  attribute: { from: "attribute", attribute: "custom:tenant" },
  fixed: { from: "fixed", organization: EVERYBODY },
};
const RULES: Rules = {
  dryRun: false,
  only: null,
  mails: false,
  disabledLater: "report",
  deletedLater: "report",
  changedThere: "keep",
  onExisting: "skip",
  readdress: [],
  planKey: "plan",
  organizations: "attribute",
  roles: true,
};
/** So that a run can be met in the middle. */
const TROUBLED_LATENCY_MS = 15;

export class Play {
  readonly #stage: Stage;
  readonly #scene: Scene;
  readonly #names: Names = { accounts: new Map(), organizations: new Map(), memberships: new Map() };
  #worker: WorkerProcess | null = null;

  private constructor(stage: Stage, rules: Rules) {
    this.#stage = stage;
    const { pool, workos } = stage;
    const [world, ids] = [structuredClone(EMPTY), new Map<number, string>()];
    this.#scene = { pool, workos, world, rules, ids, came: 0, isCut: false, changed: new Set() };
  }

  static async begin(isKilled: boolean, file: Partial<Rules>, there: readonly number[]): Promise<Play> {
    const stage = await setStage({
      pool: smallPool(),
      file: { pace: FAST_PACE },
      workos: { multipleRoles: true },
    });
    const play = new Play(stage, { ...RULES, ...file });
    for (const who of there) apply(play.#scene, { what: "somebody has an address of the pool", who, to: 2 });
    if (isKilled) play.#worker = stage.startWorker();
    else await stage.work();
    return play;
  }

  async end(): Promise<void> {
    await this.#worker?.end("SIGKILL");
  }

  async round({ changes, run, trouble: wished, ...pilot }: Round): Promise<void> {
    const scene = this.#scene;
    for (const change of changes) apply(scene, change);
    const trouble = this.#mayTellNobody(wished) ? null : wished;
    await dayPasses(this.#stage);
    if (run === "undo") return this.#undo(trouble);
    const { users } = scene.pool;
    const rules: Rules = {
      ...scene.rules,
      dryRun: run === "dry run",
      only: run === "pilot" ? this.#pilotOf(pilot) : null,
      mails: run === "mails",
    };
    scene.rules.readdress = rules.readdress.filter((sub) => users.some((user) => user.sub === sub));
    const decisions = decide(scene.world, scene.pool, rules);
    const isOpen = (sub: string | null) => decisions.get(sub ?? "")?.does === "open";
    const after = afterRun(scene.world, scene.pool, rules);
    const isMet = run === "full" || run === "pilot" ? trouble : null;
    await this.#watched(after, isMet, isOpen, async () =>
      this.#start({ ...rules, readdress: scene.rules.readdress }),
    );
    if (rules.only !== null || rules.dryRun) return;
    scene.changed.clear();
    scene.isCut = isCutOff(isMet);
    if (!scene.isCut) await this.#compareOutcomes(decisions);
  }

  /** Whoever is gone while a worker dies on their removal may have been removed by either. */
  #mayTellNobody(trouble: Trouble | null): boolean {
    const { book, accounts } = this.#scene.world;
    const isUnnoticed = [...book.values()].some(
      ({ state, account }) => state === "standing" && !accounts.includes(account),
    );
    return isUnnoticed && trouble !== null && trouble.does !== "cancel";
  }

  #pilotOf({ only, isOfChanged }: Pick<Round, "only" | "isOfChanged">): string[] {
    const { pool, changed } = this.#scene;
    const named = only.flatMap((index) => pool.users[index % pool.users.length]?.sub ?? []);
    const listed = pool.users.filter(({ sub }) => named.includes(sub) || (isOfChanged && changed.has(sub)));
    return listed.map(({ sub }) => sub);
  }

  /** Whoever was to get an address that a stranger has failed. */
  async #compareOutcomes(decisions: ReadonlyMap<string, Decision>): Promise<void> {
    const { world, pool, rules } = this.#scene;
    const ended = await outcomes(this.#stage);
    const told = [...ended.values()]
      .filter(({ sub, outcome }) => outcome !== "failed" || !rules.readdress.includes(sub))
      .map(({ sub, outcome }) => [sub, outcome] as const);
    const wanted = outcomesIn(world, pool, decisions);
    expect(ended.size).toBe(pool.users.length);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(told.map(([sub]) => [sub, wanted.get(sub)])));
  }

  /** One that was cancelled is started again. */
  async #undo(trouble: Trouble | null): Promise<void> {
    const after = afterUndo(this.#scene.world);
    const undo = async () => {
      const run = await this.#stage.undo();
      return { result: () => run.result(), cancel: () => run.cancel() };
    };
    if (this.#scene.world.listed.size === 0) return;
    if (isCutOff(trouble)) {
      const first = await undo();
      await this.#meet(first, trouble, this.#stage.workos.journal.entries.length);
    }
    await this.#watched(
      after,
      trouble?.does === "kill" ? trouble : null,
      () => false,
      undo,
      trouble !== null,
    );
  }

  async #watched(
    after: World,
    trouble: Trouble | null,
    isOpen: (sub: string | null) => boolean,
    start: () => Promise<Played>,
    isPartDone = false,
  ): Promise<void> {
    const { workos } = this.#stage;
    const scene = this.#scene;
    this.#learnNames();
    const before = scene.world;
    const since = workos.journal.entries.length;
    await this.#meet(await start(), trouble, since);
    const seen = seenAt(workos);
    const isCut = isCutOff(trouble);
    const all = { before, after, seen, ids: scene.ids };
    const ends = isCut ? settleAll(all) : settlePeople(all, isOpen);
    expect(inWords(seen)).toEqual(inWords(ends));
    this.#learnNew();
    const wrote = written(workos.journal.since(since), this.#names).filter((call) => call !== "createRole");
    const may = mayWrite(before, after);
    if (scene.isCut) for (const step of madeAnew(after)) may.add(step);
    expect(wrote.filter((call) => !may.has(call))).toEqual([]);
    if (trouble === null && !isPartDone) expect(wrote.toSorted()).toEqual([...new Set(wrote)].sort());
    expect(seen.accounts.filter(({ mails }) => mails > 1)).toEqual([]);
    scene.world = ends;
    scene.isCut ||= isCut;
    const byKey = new Map(seen.accounts.map(({ key, id }) => [key, id]));
    for (const { n, key } of ends.accounts) if (!scene.ids.has(n)) scene.ids.set(n, byKey.get(key) ?? "");
  }

  async #start({
    dryRun,
    only,
    mails,
    readdress,
    planKey,
    organizations,
    roles,
    ...users
  }: Rules): Promise<Played> {
    const { file } = this.#stage;
    Object.assign(file, {
      dryRun,
      users: { ...users, decisions: Object.fromEntries(readdress.map((sub) => [sub, "readdress"])) },
      attributes: { "custom:plan": planKey },
      organizations: ORGANIZATIONS[organizations],
      roles: roles && organizations !== "none" ? { from: "groups", several: true } : undefined,
      passwordResets: mails
        ? { send: true, canary: 0, perSecond: 100, acceptMfaLoss: true, unverified: "skip" }
        : { send: false },
    });
    if (only === null) delete file.only;
    else file.only = { subs: [...only] };
    const run = await this.#stage.start();
    return {
      result: async () => {
        const ended = run.result();
        if (mails) await approveIfAsked(run, ended);
        return ended;
      },
      cancel: () => run.cancel(),
    };
  }

  /** To its end, or until so many writes have arrived. */
  async #meet(run: Played, trouble: Trouble | null, since: number): Promise<void> {
    if (trouble === null) return void (await run.result());
    const { workos } = this.#stage;
    workos.setOptions({ latencyMs: TROUBLED_LATENCY_MS });
    let isOver = false;
    const ended = run.result().finally(() => (isOver = true));
    const isCut = isCutOff(trouble);
    const quiet = isCut ? ended.catch(() => undefined) : ended;
    const writes = () => written(workos.journal.since(since), this.#names).length;
    await until("it is far enough", () => isOver || writes() >= trouble.after, 60_000);
    workos.setOptions({ latencyMs: 0 });
    if (!isOver && trouble.does !== "cancel") {
      await this.#worker?.end("SIGKILL");
      this.#worker = this.#stage.startWorker();
    }
    if (!isOver && isCut) await run.cancel().catch(() => undefined);
    await quiet;
  }

  #learnNames(): void {
    const { accounts, memberships } = this.#names;
    const { workos, ids, world } = this.#scene;
    for (const { n } of world.accounts) accounts.set(ids.get(n) ?? "", `${n}`);
    this.#learnNew();
    for (const { id, user_id, organization_id } of workos.state().memberships)
      memberships.set(id, `${accounts.get(user_id)} ${this.#names.organizations.get(organization_id)}`);
  }

  #learnNew(): void {
    const { accounts, organizations } = this.#names;
    const state = this.#scene.workos.state();
    for (const { id, external_id } of state.organizations) organizations.set(id, String(external_id));
    for (const { id, email, external_id } of state.users) {
      const name = accounts.get(id) ?? `new ${external_id}`;
      accounts.set(id, name);
      accounts.set(email, name);
    }
  }
}

const isCutOff = (trouble: Trouble | null) => trouble !== null && trouble.does !== "kill";

interface Played {
  result(): Promise<unknown>;
  cancel(): Promise<unknown>;
}

async function approveIfAsked(run: Run, ended: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = ended.finally(() => (isOver = true));
  over.catch(() => undefined);
  const asks = async () => (await progressOf(run)).waitsFor?.code === "approval_resets";
  await until("it asks, or is over", async () => isOver || (await asks()), 60_000);
  if (!isOver) await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}
