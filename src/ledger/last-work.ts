import { BRIDGE_TAKES_MS } from "../domain/bridge-time.ts";
import { ledgerNowMs } from "./dialect.ts";
import { type Keyed, keyedSlices } from "./keyed-slices.ts";
import type { Ledger } from "./ledger.ts";

/** When anything was last done for a migration, by the ledger's clock. */
export interface LastWork {
  /** A run began, an account or a mail was claimed, or the bridge did something; null where nothing ever was. */
  atMs: number | null;
  /** The sign-in bridge did something for somebody; null where it never has. */
  bridgeAtMs: number | null;
}

const SLICE_ROWS = 10_000;

/** Nothing is sorted by these times. */
const BY_RUNS: Keyed & { value: string } = {
  ...{ table: "placed", key: ["key"], kind: "user" },
  value: "coalesce(written_at_ms, first_claimed_at_ms)",
};
const MAILS: Keyed = { table: "mails", key: ["sub", "sender"] };
const BY_BRIDGE: readonly (Keyed & { value: string })[] = [
  { table: "bridge_moves", key: ["sub"], value: "begun_at_ms" },
  { table: "bridge_proofs", key: ["sub"], value: "proven_at_ms" },
  { ...MAILS, value: "case when sender = 'bridge' then claimed_at_ms end" },
];

export async function lastWork(ledger: Ledger, migrationId: number): Promise<LastWork> {
  const newest = await ledger.read((db) =>
    db.selectFrom("migrations").select("begun_at_ms").where("id", "=", migrationId).executeTakeFirst(),
  );
  const bridgeAtMs = await lastOfBridge(ledger, migrationId);
  const accounts = await latestOf(ledger, migrationId, BY_RUNS);
  const mails = await latestOf(ledger, migrationId, { ...MAILS, value: "claimed_at_ms" });
  return { atMs: latest([newest?.begun_at_ms ?? null, accounts, mails, bridgeAtMs]), bridgeAtMs };
}

async function lastOfBridge(ledger: Ledger, migrationId: number): Promise<number | null> {
  const all = [];
  for (const times of BY_BRIDGE) all.push(await latestOf(ledger, migrationId, times));
  return latest(all);
}

/** An account that the bridge began to make, or began again: nothing says when. */
const OPEN_CLAIMS: Keyed & { value: string } = {
  ...{ table: "bridge_accounts", key: ["sub"] },
  value: `(select 1 from placed where placed.migration_id = bridge_accounts.migration_id
    and placed.kind = 'user' and placed.key = bridge_accounts.sub and placed.state = 'in_doubt')`,
};

/** For how long what the bridge has begun may still be under way, if it begins nothing more; 0 where it began nothing lately. */
export async function bridgeTakesMs(ledger: Ledger, migrationId: number): Promise<number> {
  if ((await latestOf(ledger, migrationId, OPEN_CLAIMS)) !== null) return BRIDGE_TAKES_MS;
  const begunAtMs = (await lastOfBridge(ledger, migrationId)) ?? 0;
  const leftMs = begunAtMs + BRIDGE_TAKES_MS - (await ledger.read((db) => ledgerNowMs(db)));
  // What seems to be of later is of a clock that was set back since.
  return Math.min(Math.max(leftMs, 0), BRIDGE_TAKES_MS);
}

async function latestOf(
  ledger: Ledger,
  migrationId: number,
  { value, ...keyed }: Keyed & { value: string },
): Promise<number | null> {
  let found: number | null = null;
  for await (const slice of keyedSlices(ledger, migrationId, keyed, { value, rows: SLICE_ROWS }))
    found = latest([found, ...slice.map((row) => row.value)]);
  return found;
}

function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((one, other) => (one === null || (other !== null && other > one) ? other : one), null);
}
