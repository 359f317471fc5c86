/** The Temporal CLI that set-up found. Throws when set-up has not run. */
export function temporalPath(): string;
