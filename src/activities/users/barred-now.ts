import type { Migration } from "../../domain/migration.ts";
import { askOne } from "../../engine/ask-one.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { pagesPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import type { Deps } from "../deps.ts";
import type { IsBarred } from "./users-work.ts";

/** Asks Cognito about one person, at the pace of its pages. */
export function barredNow(
  deps: Deps,
  source: Migration["source"],
  accountId: string | null,
  pulse: Pulse,
): IsBarred {
  const pool = deps.sourceOf(source);
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(source, accountId)], pulse.signal);
  return async (sub) => {
    const user = await askOne({ slots, pulse }, "ListUsers", () => pool.findUser(sub));
    return user === null || !user.enabled;
  };
}
