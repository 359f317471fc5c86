import type { DoubtPositions } from "../../src/activities/resets/doubt-positions.ts";
import type { UnsentLinks } from "../../src/activities/resets/unsent-links.ts";

/** A run whose people are still in Cognito as they were planned. */

export const RUN = { migrationId: 1, generation: 1 };

export const PLANNED = {
  status: "CONFIRMED",
  enabled: true,
  native: true,
  email: "a@example.com",
  emailVerified: true,
};

/** Every reading of the destination's record came to its end. */
export const NOT_BROKEN_OFF: DoubtPositions = { of: () => undefined, keep: async () => undefined };

/** Whatever the record names was handed over. */
export const NO_LINK: Pick<UnsentLinks, "among"> = { among: async () => new Set() };

/** Cognito says of everybody what it said at the plan. */
export const UNCHANGED = { troubleWith: async () => null, isPoolOld: () => false };
