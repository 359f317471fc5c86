import type { Pool } from "../pool/pool.ts";
import { AwsError } from "../shared/aws-error.ts";
import type { SigningKey } from "../shared/signing-key.ts";
import type { Caller } from "./authorize.ts";
import type { Chains } from "./chains.ts";
import type { LockOuts } from "./lock-outs.ts";
import type { Options } from "./options.ts";

export interface Call {
  pool: Pool;
  options: Options;
  chains: Chains;
  lockOuts: LockOuts;
  nowMs: () => number;
  signingKey: SigningKey;
  /** Of the double's own address, such as `http://127.0.0.1:4000`. */
  origin: string;
  caller: Caller;
  body: unknown;
}

export type Operations = Readonly<Record<string, (call: Call) => unknown>>;

/** What AWS takes when no limit, or 0, is given. */
export const DEFAULT_LIMIT = 60;

/** An endpoint knows the pools of its own region only. */
export function poolNamed(poolId: string, { pool, caller }: Call): Pool {
  if (poolId === pool.poolId && caller.region === pool.region) return pool;
  throw new AwsError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
}
