import type { Db, Ledger, Tx } from "../../../src/ledger/ledger.ts";
import { setPace } from "../../../src/ledger/pace.ts";
import { type Owner, ownMigration, type RunOfMigration } from "../../../src/ledger/runs.ts";
import { migrationOf } from "../../domain/parse-file.ts";
import { LARGE_FENCE, type LargeWish, largeGroup, largeSub, OPEN_ITEMS } from "../large.ts";

/** Something that is asked of a ledger, or told, as its callers do. Nothing of it stays. */
export type Asked = (ledger: Ledger) => Promise<unknown>;

export const IDENTITY = {
  poolId: "eu-west-1_AbCdEfGhI",
  destinationKind: "workos",
  environment: "client_01",
};
export const RUN: RunOfMigration = { migrationId: 1, generation: 1 };
export const NEXT_RUN: RunOfMigration = { migrationId: 1, generation: 2 };
export const MIGRATION = { id: 1, generation: 1 };
export const FENCE = LARGE_FENCE;
export const PACE_KEY = "workos/client_01/write";
export const OWNER: Owner = { namespace: "default", workflowId: "migrate", firstRunId: "run-1" };
export const FILE = migrationFile();

function migrationFile() {
  return migrationOf({
    source: { region: "eu-west-1", userPoolId: IDENTITY.poolId },
    destination: { kind: "workos" },
  });
}

/** What is there before anything is asked, beside the tables that grow. */
export async function beginRun(ledger: Ledger): Promise<void> {
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, OWNER, undefined));
  await ledger.write((tx) => setPace(tx, PACE_KEY, 1_000));
}

/** What of a filled ledger is asked for: always in its middle. */
export class Pool {
  readonly middle: number;
  readonly #wish: LargeWish;

  constructor(wish: LargeWish) {
    this.#wish = wish;
    this.middle = wish.users / 2;
  }

  get sub(): string {
    return largeSub(this.middle);
  }

  subs(count: number): string[] {
    return Array.from({ length: count }, (_, index) => largeSub(this.middle + index));
  }

  /** Keys of memberships. */
  memberships(count: number): string[] {
    return Array.from({ length: count }, (_, index) => this.#membership(index));
  }

  get membership(): string {
    return this.#membership(0);
  }

  #membership(index: number): string {
    const { groupsEach } = this.#wish;
    const person = this.middle + Math.floor(index / groupsEach);
    return `${largeSub(person)} ${largeGroup(person, index % groupsEach)}`;
  }

  /** The first ordinal of those that are pending; those after `OPEN_ITEMS` of them are being sent. */
  firstPending(phase: "users" | "memberships" | "resets"): number {
    const { users, groupsEach } = this.#wish;
    return (phase === "memberships" ? users * groupsEach : users) / 2 + 1;
  }

  range(phase: "users" | "memberships" | "resets", size: number) {
    const from = this.firstPending(phase);
    return { ...RUN, phase, from, to: from + size - 1 };
  }

  /** Items that an attempt has under `FENCE`. */
  sending(phase: "users" | "memberships" | "resets", count: number) {
    const from = this.firstPending(phase) + OPEN_ITEMS;
    const keys = phase === "memberships" ? this.memberships(2 * OPEN_ITEMS) : this.subs(2 * OPEN_ITEMS);
    return {
      range: { ...RUN, phase, from, to: from + count - 1 },
      items: Array.from({ length: count }, (_, index) => ({
        ordinal: from + index,
        kind: phase === "memberships" ? ("membership" as const) : ("user" as const),
        key: keys[OPEN_ITEMS + index] ?? "",
        intent: "create" as const,
        firstClaimedAtMs: 1,
      })),
    };
  }
}

export function asking(question: (db: Db) => Promise<unknown>): Asked {
  return (ledger) => ledger.read(question);
}

/** Rolled back. */
export function telling(change: (tx: Tx) => Promise<unknown>): Asked {
  return async (ledger) => {
    const undo = new Error("Nothing of it is to stay.");
    const telling = ledger.writeSoon(async (tx) => {
      await change(tx);
      throw undo;
    });
    await telling.catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  };
}
