import type { SourcePage } from "../cognito/source.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readMigration } from "../ledger/runs.ts";
import { addGroupMembers, clearGroup, upsertSourceUsers } from "../ledger/source-users.ts";
import type { Blocked, PhaseInput, Progress } from "../workflows/contract.ts";
import { groupOf } from "./assess.ts";
import { blocked } from "./blocked.ts";
import type { Deps } from "./deps.ts";
import { countPages } from "./metrics.ts";
import { pagesPaceKey } from "./pace-keys.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "./pulse.ts";
import { askSource, type SourceResult } from "./source-calls.ts";

/** Cognito's largest page (API reference, ListUsers `Limit`). */
const PAGE_SIZE = 60;
/** An activity ends after this, so that progress is seen and history grows by little. */
const SHARE_MS = 60_000;
/** A chain that was started again this often without one new user gets nowhere. */
const MAX_FRUITLESS_RESTARTS = 3;

type Fetch = (token: string | null) => Promise<SourceResult<SourcePage>>;

/** Walks ListUsers into the ledger, and the selected group's members, page by page from where the cursor stands. */
export async function snapshot(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const migration = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { file } = migration;
  const source = deps.sourceOf(file.source);
  const tools = { pacer: deps.pacer, pulse, paceKey: pagesPaceKey(file.source, migration.accountId) };
  const id = (name: string): CursorId => ({ migrationId: run.migrationId, generation: run.generation, name });

  const group = groupOf(file);
  if (group !== null) {
    const walked = await walk(deps.ledger, pulse, id(`group:${group}`), {
      fetch: (token) => askSource(tools, () => source.listUsersInGroup(group, token, PAGE_SIZE)),
      store: async (tx, page, isFirst) => {
        if (isFirst) await clearGroup(tx, run.migrationId, group);
        const subs = page.users.map((user) => user.sub);
        await addGroupMembers(tx, run.migrationId, group, subs);
        return subs.length;
      },
    });
    if (walked.status !== "complete") return walked;
  }
  return walk(deps.ledger, pulse, id("snapshot"), {
    fetch: (token) => askSource(tools, () => source.listUsers(token, PAGE_SIZE)),
    store: (tx, page) => upsertSourceUsers(tx, run.migrationId, run.generation, page.users),
  });
}

interface Walk {
  fetch: Fetch;
  /** Stores one page; returns how many of its users are new to this walk. */
  store: (
    tx: Parameters<Parameters<Ledger["write"]>[0]>[0],
    page: SourcePage,
    isFirst: boolean,
  ) => Promise<number>;
}

async function walk(
  ledger: Ledger,
  pulse: Pulse,
  id: CursorId,
  { fetch, store }: Walk,
): Promise<Progress | Blocked> {
  let cursor = await takeCursor(ledger, id, pulse.fence);
  const until = Date.now() + SHARE_MS;
  // The next page is on its way while this one is written.
  let coming = cursor.done ? undefined : fetch(cursor.position);
  while (coming !== undefined) {
    const result: SourceResult<SourcePage> = await coming;
    coming = undefined;
    if (result.status === "blocked") return result;
    if (result.status === "dead_token") {
      cursor = restart(cursor);
      const restarted = cursor;
      await ledger.write((tx) => moveCursor(tx, id, pulse.fence, restarted));
      if ((cursor.counters.fruitless ?? 0) >= MAX_FRUITLESS_RESTARTS) return blocked("snapshot_stuck");
      coming = fetch(null);
      continue;
    }
    const page = result.value;
    const goOn = page.nextToken !== null && Date.now() < until && !pulse.signal.aborted;
    if (goOn) {
      coming = fetch(page.nextToken);
      // It is awaited in the next round; a failure of the write below must not leave it unheard.
      coming.catch(() => undefined);
    }
    const before = cursor;
    cursor = await pulse.during(LEDGER_TIMEOUT_MS, () =>
      ledger.write(async (tx) => {
        const isFirst = (before.counters.pages ?? 0) === 0;
        const gained = await store(tx, page, isFirst);
        const next = advance(before, page, gained);
        await moveCursor(tx, id, pulse.fence, next);
        return next;
      }),
    );
    countPages(1);
    pulse.show({ pages: cursor.counters.pages ?? 0, users: cursor.counters.users ?? 0 });
  }
  pulse.throwIfCancelled();
  const { users = 0, withoutSub = 0 } = cursor.counters;
  const of = cursor.done ? users + withoutSub : null;
  return {
    status: cursor.done ? "complete" : "more",
    totals: { done: users, failed: 0, skipped: withoutSub, of },
  };
}

function advance(cursor: Cursor, page: SourcePage, gained: number): Cursor {
  const {
    pages = 0,
    users = 0,
    withoutSub = 0,
    restarts = 0,
    usersAtRestart = 0,
    fruitless = 0,
  } = cursor.counters;
  return {
    position: page.nextToken,
    // Only an absent token ends the list: pages may be short, and even empty.
    done: page.nextToken === null,
    counters: {
      pages: pages + 1,
      users: users + gained,
      withoutSub: withoutSub + page.withoutSub,
      restarts,
      usersAtRestart,
      fruitless,
    },
  };
}

/** The chain from its first page again; rows are upserted by sub, so nothing doubles. */
function restart(cursor: Cursor): Cursor {
  const { users = 0, restarts = 0, usersAtRestart = 0, fruitless = 0 } = cursor.counters;
  // A run that an operator resumed after it got nowhere has its tries again.
  const soFar = fruitless >= MAX_FRUITLESS_RESTARTS ? 0 : fruitless;
  const gainedNothing = restarts > 0 && users === usersAtRestart;
  return {
    position: null,
    done: false,
    counters: {
      ...cursor.counters,
      restarts: restarts + 1,
      usersAtRestart: users,
      fruitless: gainedNothing ? soFar + 1 : 0,
    },
  };
}
