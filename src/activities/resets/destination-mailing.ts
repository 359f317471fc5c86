import type { Destination } from "../../destinations/destination.ts";
import { type Call, CLOCK_TOLERANCE_MS, type Outcome } from "../../destinations/sending.ts";
import { type Mailing, type Recipient, refusalOf, UNSETTLED } from "./mailing.ts";

/** The fan-out asks often enough for all of that time to go by in waits of this length. */
const LOOK_AGAIN_MS = 15_000;
/** Most answers that get lost are found at once. */
const FIRST_LOOK_MS = 1_000;

/**
 * The destination mails. Whether one went out whose answer was lost is read from its own record; where that does not
 * say so in time, nobody knows, and a person decides.
 */
export function destinationMailing(destination: Destination): Mailing {
  const { resets, callTimeoutMs, facts } = destination;
  const { record } = facts.resets;
  /** When each doubtful item was first looked up by this attempt. */
  const doubtedAtMs = new Map<string, number>();
  return {
    async send({ email }) {
      const outcome = await resets.send(email);
      switch (outcome.kind) {
        case "sent":
          return { kind: "created", destinationId: outcome.resetId };
        case "unknown":
          return { ...outcome, retryAfterMs: FIRST_LOOK_MS };
        default:
          return refusalOf(outcome);
      }
    },
    async settle({ sub, userId }, firstClaimedAtMs, call) {
      if (record === null) return UNSETTLED;
      const since = doubtedAtMs.get(sub) ?? call.nowMs();
      doubtedAtMs.set(sub, since);
      const found = await findMail(destination, userId, firstClaimedAtMs, call);
      if (found.kind !== "absent") return found;
      // It shows late, and that time begins when the call must have ended.
      if (call.nowMs() - since > callTimeoutMs + record.lagMs) return UNSETTLED;
      const message = "An earlier try may have mailed, and the record does not say so.";
      return { kind: "unknown", code: "not_recorded_yet", message, retryAfterMs: LOOK_AGAIN_MS };
    },
  };
}

/** The person's mail in the destination's record, from the first claim on. */
async function findMail(
  { resets }: Destination,
  userId: Recipient["userId"],
  firstClaimedAtMs: number,
  call: Call,
): Promise<Outcome | { kind: "absent" }> {
  let cursor: string | null = null;
  do {
    await call.read();
    const page = await resets.sentSince(firstClaimedAtMs - CLOCK_TOLERANCE_MS, cursor);
    if (!page.ok) {
      if (page.problem === "slow_down") return { kind: "slow_down", retryAfterMs: page.retryAfterMs };
      if (page.problem === "access_lost") return { kind: "access_lost", code: page.code };
      return { kind: "unknown", code: page.code, message: "", retryAfterMs: LOOK_AGAIN_MS };
    }
    const mail = page.value.mails.find((one) => one.userId === userId);
    if (mail !== undefined) return { kind: "created", destinationId: mail.resetId };
    cursor = page.value.nextCursor;
  } while (cursor !== null);
  return { kind: "absent" };
}
