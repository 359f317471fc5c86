import type { ChangesOfRun } from "../../src/domain/contract.ts";

/** A run that wrote nothing. */
const NONE = { made: 0, changed: 0, removed: 0 };
export const NO_CHANGES: ChangesOfRun = { users: NONE, memberships: NONE };
