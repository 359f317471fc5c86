import { globSync, readFileSync } from "node:fs";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import type { LargeWish } from "../large.ts";
import { allScans, type Heard, type Scan, watched } from "../query-plans.ts";
import { changesOf } from "./changes.ts";
import { type Asked, Pool } from "./pool.ts";
import { purgesOf } from "./purges.ts";
import { questionsOf } from "./questions.ts";

/** Everything that can be asked of a ledger, as it is asked of a large one. */
export function catalogueOf(wish: LargeWish): Record<string, Asked[]> {
  const pool = new Pool(wish);
  return { ...questionsOf(pool), ...changesOf(pool), ...purgesOf(pool) };
}

/** Functions of the ledger's room that ask nothing by themselves of a table that grows. */
export const NOT_ASKED: Record<string, string> = {
  indexAges: "builds an index",
  indexClusters: "builds an index",
  rewriteFile: "writes the file anew",
  keyedSlices: "asks `keyedSlice`",
  countPersonalData: "asks `keyedSlice`",
  removePersonalData: "asks `keyedSlice`, and tells `closeOpen`, `removeAmong`, `dropCounts` and `dropOver`",
  forgetStatistics: "changes tables",
  completedReset: "a part of the statements of others",
  oldestGeneration: "a part of the statements of others",
  itemsOf: "a part of the statements of others",
  insertPacked: "inserts the rows of whoever calls it",
  begin: "tells what whoever calls it notes",
  noteWhatMayBe: "tells `noteDoubts`, `doubtChanges`, `doubtStanding` and `doubtAdopted`",
  together: "asks the questions of whoever calls it",
};

/** Names of the exported functions of the ledger's room that take a ledger, or a connection of it, first. */
export function functionsOfTheLedger(): string[] {
  const folder = new URL("../../../src/ledger/", import.meta.url);
  const taking = /^export (?:async )?function\*? (\w+)(?:<[^(]*>)?\(\s*\w+: (?:Db|Tx|Ledger)\b/gm;
  return globSync("*.ts", { cwd: folder }).flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(taking)].map(([, name = ""]) => name),
  );
}

/** Scans, by the name of the function that makes them. */
export async function scansOfAll(ledger: Ledger, wish: LargeWish): Promise<(Scan & { asked: string })[]> {
  const scans = [];
  for (const { asked, ask } of waysOf(wish))
    for (const scan of await allScans(ledger, (await heardOf(ledger, ask)).values()))
      scans.push({ asked, ...scan });
  return scans;
}

/** The quickest of these counts: on a busy machine any of them may wait for somebody else. */
const MAX_TRIES = 25;

/** Statements that take longer than that whenever they are asked. */
export async function slowOfAll(ledger: Ledger, wish: LargeWish, limitMs: number): Promise<string[]> {
  const slow: string[] = [];
  for (const { asked, ask } of waysOf(wish))
    slow.push(...(await slowOf(ledger, ask, limitMs)).map((told) => `${asked}: ${told}`));
  return slow;
}

/** The same of one question. */
export async function slowOf(ledger: Ledger, ask: Asked, limitMs: number): Promise<string[]> {
  const slow = await alwaysSlow(ledger, ask, limitMs);
  return [...slow].map(([sql, ms]) => `${Math.round(ms)} ms: ${sql}`);
}

/** Statements with the quickest of their times; asked again for as long as one of them has been slow each time. */
async function alwaysSlow(ledger: Ledger, ask: Asked, limitMs: number): Promise<Map<string, number>> {
  const quickest = new Map<string, number>();
  let slow = quickest;
  for (let tries = 0; tries === 0 || (slow.size > 0 && tries < MAX_TRIES); tries += 1) {
    for (const { sql, slowestMs } of (await heardOf(ledger, ask)).values())
      quickest.set(sql, Math.min(quickest.get(sql) ?? Number.POSITIVE_INFINITY, slowestMs));
    slow = new Map([...quickest].filter(([, ms]) => ms > limitMs));
  }
  return slow;
}

function waysOf(wish: LargeWish): { asked: string; ask: Asked }[] {
  return Object.entries(catalogueOf(wish)).flatMap(([asked, ways]) => ways.map((ask) => ({ asked, ask })));
}

async function heardOf(ledger: Ledger, ask: Asked): Promise<ReadonlyMap<string, Heard>> {
  const { ledger: heard, statements } = watched(ledger);
  await ask(heard);
  return statements;
}
