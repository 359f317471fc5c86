/** A run whose people are still in Cognito as they were planned. */

export const RUN = { migrationId: 1, generation: 1 };

export const PLANNED = {
  status: "CONFIRMED",
  enabled: true,
  native: true,
  email: "a@example.com",
  emailVerified: true,
};

/** Cognito says of everybody what it said at the plan. */
export const UNCHANGED = { troubleWith: async () => null, isPoolOld: () => false };
