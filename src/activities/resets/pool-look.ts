import type { SourceAnswer } from "../../cognito/source.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { PoolShape } from "../../domain/pool.ts";
import { askSource, askSourceOnce, type SourceResult, type SourceTools } from "../../engine/ask-source.ts";
import { MAX_LOOK_AGE_MS } from "../../plan/look-way.ts";
import { dropsFactors } from "../../plan/reset-policy.ts";

interface PoolTools {
  asking: SourceTools;
  describePool: () => Promise<SourceAnswer<PoolShape>>;
  /** By the ledger's clock: a worker that slept knows no better. */
  nowMs: () => Promise<number>;
}

const OPERATION = "DescribeUserPool";

/**
 * Whether the pool has second factors that a mail would drop: the whole plan stands on its having none, and it may get
 * some while a run waits or sends. A look is good for as long as one at a person.
 */
export class PoolLook {
  readonly #tools: PoolTools;
  readonly #isAccepted: boolean;
  #askedAtMs: number | null = null;

  constructor(tools: PoolTools, { acceptMfaLoss }: { acceptMfaLoss: boolean }) {
    this.#tools = tools;
    this.#isAccepted = acceptMfaLoss;
  }

  /** By the ledger's clock, which may have been set back. */
  isOld(nowMs: number): boolean {
    if (this.#isAccepted) return false;
    return this.#askedAtMs === null || Math.abs(nowMs - this.#askedAtMs) > MAX_LOOK_AGE_MS;
  }

  /** Waits for as long as an outage takes. Null where mails may go out. */
  async renewed(): Promise<Blocked | null> {
    if (this.#isAccepted) return null;
    const nowMs = await this.#tools.nowMs();
    if (!this.isOld(nowMs)) return null;
    return this.#judge(nowMs, await askSource(this.#tools.asking, OPERATION, this.#tools.describePool));
  }

  /** One try, for whoever was claimed. */
  async renewedOnce(): Promise<Blocked | "not_now" | null> {
    if (this.#isAccepted) return null;
    const nowMs = await this.#tools.nowMs();
    if (!this.isOld(nowMs)) return null;
    const result = await askSourceOnce(this.#tools.asking, OPERATION, this.#tools.describePool);
    return result.status === "not_now" ? "not_now" : this.#judge(nowMs, result);
  }

  #judge(askedAtMs: number, result: SourceResult<PoolShape>): Blocked | null {
    if (result.status === "blocked") return result;
    // Only a list has page tokens.
    if (result.status === "dead_token") throw new Error("A pool that is described has no page token.");
    const { mfa } = result.value;
    if (dropsFactors({ mfa }, { acceptMfaLoss: this.#isAccepted }))
      return blocked("second_factors_since", { detail: `MFA ${mfa}` });
    this.#askedAtMs = askedAtMs;
    return null;
  }
}
