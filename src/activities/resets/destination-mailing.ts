import type { Destination } from "../../destinations/destination.ts";
import { CLOCK_TOLERANCE_MS } from "../../destinations/sending.ts";
import type { DoubtPositions } from "./doubt-positions.ts";
import { MailDoubts } from "./mail-doubts.ts";
import { type Mailing, refusalOf, UNSETTLED, unsettledBy } from "./mailing.ts";
import type { UnsentLinks } from "./unsent-links.ts";

/** Most answers that get lost are found at once. */
const FIRST_LOOK_MS = 1_000;
const MAX_LOOK_AGAIN_MS = 15_000;
/** Somebody else reads the record at this moment. */
const BEING_READ_MS = 500;

/**
 * The destination mails. Whether one went out whose answer was lost is read from its own record; where that does not
 * say so in time, nobody knows, and a person decides.
 */
export function destinationMailing(
  destination: Destination,
  positions: DoubtPositions,
  unsent: Pick<UnsentLinks, "among">,
): Mailing {
  const { resets, callTimeoutMs, facts } = destination;
  const { record } = facts.resets;
  const doubts = new MailDoubts(destination, record?.lagMs ?? 0, positions, unsent);
  /** When each doubtful account was first looked up by this attempt. */
  const doubtedAtMs = new Map<string, number>();
  /** After which answer of this attempt's an account is in doubt; an earlier one died before it had any. */
  const answers = new Map<string, string>();
  return {
    async send({ sub, email, userId }) {
      const sinceMs = doubts.nextMailMs;
      const outcome = await resets.send(email);
      switch (outcome.kind) {
        case "sent":
          return { kind: "created", destinationId: outcome.resetId };
        case "unknown":
          answers.set(userId, outcome.code);
          if (sinceMs !== null) doubts.add({ sub, userId }, sinceMs);
          return { ...outcome, retryAfterMs: FIRST_LOOK_MS };
        default:
          return refusalOf(outcome);
      }
    },
    async settle({ sub, userId }, firstClaimedAtMs, call) {
      if (record === null) return UNSETTLED;
      const doubt = doubts.find(userId);
      if (doubt === undefined) {
        doubts.add({ sub, userId }, firstClaimedAtMs - CLOCK_TOLERANCE_MS);
        // Who was left in doubt with them is claimed meanwhile.
        return { kind: "too_early", retryAfterMs: FIRST_LOOK_MS };
      }
      const atMs = doubtedAtMs.get(userId) ?? call.nowMs();
      doubtedAtMs.set(userId, atMs);
      // It shows late, and that time begins when the call must have ended.
      const shownByMs = atMs + callTimeoutMs + record.lagMs;
      const ageMs = call.nowMs() - atMs;
      const leftMs = shownByMs - call.nowMs();
      // The older a doubt, the less a second tells: a reading half as old as it will do, but for the last one.
      const readByMs = leftMs > 0 ? call.nowMs() - Math.max(FIRST_LOOK_MS, ageMs / 2) : shownByMs;
      const isLooked = () => doubt.lookedAtMs !== null && doubt.lookedAtMs >= readByMs;
      if (doubt.mail === null && !isLooked()) {
        const trouble = await doubts.read(call);
        if (trouble !== null) return trouble;
      }
      const { mail, lookedAtMs } = doubt;
      if (mail === null && (lookedAtMs === null || lookedAtMs < shownByMs)) {
        const againMs = Math.min(Math.max(FIRST_LOOK_MS, ageMs), MAX_LOOK_AGAIN_MS, Math.max(1, leftMs));
        return { kind: "too_early", retryAfterMs: isLooked() ? againMs : BEING_READ_MS };
      }
      doubts.settled(userId);
      if (mail !== null) return { kind: "created", destinationId: mail.resetId };
      const answer = answers.get(userId);
      return answer === undefined ? UNSETTLED : unsettledBy(answer);
    },
  };
}
