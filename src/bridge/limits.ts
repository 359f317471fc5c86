import { createHash } from "node:crypto";
import type pg from "pg";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";

/** How often something may be tried, counted for this process or, in PostgreSQL, for all of them. */

/** Milliseconds to wait; 0 where it may be tried. */
export type Take = (key: string) => Promise<number>;

export interface Limits {
  account: Take;
  address: Take;
  /** Forgotten passwords of one account. */
  forgot: Take;
  /** A signature that was seen before has to wait. */
  signature: Take;
}

const PER_MINUTE_SECONDS = 60;

export interface LimitOptions {
  /** `forgot`: resets that the destination makes for one address. */
  triesPerMinute: { account: number; address: number; forgot: number };
  /** As long as a signature could be used again. */
  signatureSeconds: number;
  /** Null counts in memory. */
  pool: pg.Pool | null;
}

export function createLimits({ triesPerMinute, signatureSeconds, pool }: LimitOptions): Limits {
  return {
    account: limiter("account", triesPerMinute.account, PER_MINUTE_SECONDS, pool),
    address: limiter("address", triesPerMinute.address, PER_MINUTE_SECONDS, pool),
    forgot: limiter("forgot", triesPerMinute.forgot, PER_MINUTE_SECONDS, pool),
    signature: limiter("signature", 1, signatureSeconds, pool),
  };
}

function limiter(keyPrefix: string, points: number, duration: number, pool: pg.Pool | null): Take {
  const options = { keyPrefix, points, duration };
  const memory = new RateLimiterMemory(options);
  const counter =
    pool === null
      ? memory
      : new RateLimiterPostgres({
          ...options,
          storeClient: pool,
          storeType: "pool",
          tableName: "bridge_limits",
          // By the ledger's own schema changes.
          tableCreated: true,
          // A database that does not answer must not let everything through, nor nobody.
          insuranceLimiter: memory,
        });
  return async (key) => {
    try {
      await counter.consume(hashed(key));
      return 0;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
      throw refused;
    }
  };
}

/** Addresses are personal data: what is counted is their digest. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}
