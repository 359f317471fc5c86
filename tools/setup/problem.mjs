/** A step of the set-up that cannot be done; the message is one sentence that says what to do about it. */
export class SetupProblem extends Error {}
