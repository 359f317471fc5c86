import type { SourceAnswer, UserSource } from "../cognito/source.ts";
import { ledgerNowMs } from "../ledger/dialect.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { MAX_LOOK_AGE_MS } from "../plan/look-way.ts";

/** Whether the pool has second factors today. */
export type AskFactors = () => Promise<SourceAnswer<boolean>>;

/**
 * Asks Cognito at most once in the time for which a look of the campaign is good, by the ledger's clock: a function that
 * stood still between two calls knows no better.
 */
export function poolFactors(ledger: Ledger, { describePool }: Pick<UserSource, "describePool">): AskFactors {
  let last: { askedAtMs: number; areThere: boolean } | null = null;
  return async () => {
    const nowMs = await ledger.read((db) => ledgerNowMs(db));
    if (last !== null && Math.abs(nowMs - last.askedAtMs) <= MAX_LOOK_AGE_MS) return answer(last);
    const pool = await describePool();
    if (!pool.ok) return pool;
    last = { askedAtMs: nowMs, areThere: pool.value.mfa !== "OFF" };
    return answer(last);
  };
}

function answer({ areThere }: { areThere: boolean }): SourceAnswer<boolean> {
  return { ok: true, value: areThere };
}
