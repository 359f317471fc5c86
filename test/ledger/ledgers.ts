import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import type { SourceUser } from "../../src/domain/pool.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { addItems, type Settlement, type WorkRange } from "../../src/ledger/queue.ts";
import { packSourceUsers, upsertSourceUsers } from "../../src/ledger/source-users.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** A fresh database. Each `open` is a connection of its own to it, as another process would have. */
export interface Fresh {
  url: string;
  open: () => Promise<Ledger>;
}

export function freshSqlite(): Fresh {
  return freshAt(`sqlite:${join(freshFolder(), "ledger.db")}`);
}

export async function freshPostgres(): Promise<Fresh> {
  return freshAt(await freshPostgresDatabase());
}

/** The same test on both databases. */
export function testOnBoth(title: string, run: (fresh: Fresh) => Promise<void>): void {
  test(`${title} (SQLite)`, () => run(freshSqlite()));
  test(`${title} (PostgreSQL)`, async () => run(await freshPostgres()));
}

function freshAt(url: string): Fresh {
  return {
    url,
    open: async () => {
      const ledger = await openLedger(url);
      onTestFinished(() => ledger.close());
      return ledger;
    },
  };
}

export function subOf(ordinal: number): string {
  return `sub-${String(ordinal).padStart(4, "0")}`;
}

/** A confirmed user as Cognito lists them. */
export function sourceUser(sub: string, change: Partial<SourceUser> = {}): SourceUser {
  return {
    sub,
    username: sub,
    attributes: {},
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 1,
    modifiedAtMs: 1,
    identities: [],
    identitiesBroken: false,
    ...change,
  };
}

/** Pages of one group, as the walk writes them; returns how many users are new to it. */
export function upsertPages(
  ledger: Ledger,
  generation: number,
  pages: readonly (readonly SourceUser[])[],
  migrationId = 1,
): Promise<number> {
  const packed = pages.map((users) => packSourceUsers(ledger.kind, migrationId, generation, users));
  return ledger.write((tx) => upsertSourceUsers(tx, migrationId, generation, packed));
}

/** Appends `count` pending items to the users phase of a run that has none; returns their range. */
export async function seedItems(
  ledger: Ledger,
  count: number,
  migrationId = 1,
  generation = 1,
): Promise<WorkRange> {
  const run = { migrationId, generation };
  const items = Array.from({ length: count }, (_, index) => ({
    kind: "user" as const,
    key: subOf(index + 1),
    intent: "create" as const,
    doubtSinceMs: null,
  }));
  await ledger.write((tx) => addItems(tx, run, "users", 0, items));
  return { ...run, phase: "users", from: 1, to: count };
}

/** An account that was made; the one of `a` is `user_a`. */
export function madeOf(item: Settlement["item"]): Settlement {
  const fact = {
    destinationId: `user_${item.key}`,
    how: "created" as const,
    fingerprint: "f",
    details: null,
  };
  return { item, state: "done", inDoubt: false, code: null, message: null, fact };
}

export function endedAs(
  item: Settlement["item"],
  state: "pending" | "failed" | "skipped",
  code: string | null = null,
  inDoubt = false,
): Settlement {
  return { item, state, inDoubt, code, message: code === null ? null : "in the vendor's words", fact: null };
}
