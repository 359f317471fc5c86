import { FOR_A_PERSON_TO_DECIDE } from "../domain/outcomes.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";

export interface Undecided {
  sub: string;
  reason: string;
}

const MAX_NAMED = 50;

/** The first of those about whom a person has to decide. */
export class FirstUndecided {
  readonly people: Undecided[] = [];

  add({ sub, reason }: UserOutcome): void {
    if (this.people.length < MAX_NAMED && reason?.startsWith(FOR_A_PERSON_TO_DECIDE))
      this.people.push({ sub, reason });
  }
}
