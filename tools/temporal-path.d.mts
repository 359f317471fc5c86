/** The Temporal CLI that set-up found. Throws when set-up has not run. */
export function temporalPath(): string;

/** The same, found now where set-up has not run. Rejects with SetupProblem, whose message says what to do. */
export function provideTemporal(): Promise<string>;

export class SetupProblem extends Error {}
