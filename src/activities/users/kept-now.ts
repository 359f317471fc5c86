import type { Migration } from "../../domain/migration.ts";
import { answerAbout, NoAnswerError } from "../../engine/answer-about.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { pagesPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import type { Deps } from "../deps.ts";
import type { WhyKept } from "./users-work.ts";

/** Asks Cognito about one person, at the pace of its pages. */
export function keptNow(
  deps: Deps,
  source: Migration["source"],
  accountId: string | null,
  pulse: Pulse,
): WhyKept {
  const pool = deps.sourceOf(source);
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(source, accountId)], pulse.signal);
  const tools = { source: pool, asking: { slots, pulse } };
  return async (sub, signal) => {
    try {
      const { value: user } = await answerAbout(tools, "ListUsers", () => pool.findUser(sub), signal);
      return user === null || !user.enabled ? null : BACK_IN_SOURCE;
    } catch (error) {
      if (error instanceof NoAnswerError) return error.outcome;
      throw error;
    }
  };
}

const BACK_IN_SOURCE = { kind: "skipped", reason: "back_in_source" } as const;
