import type { Blocked } from "../domain/contract.ts";

/** Thrown deep inside of an activity where the run has to stop for an operator. */
export class ParkedError extends Error {
  override readonly name = "ParkedError";
  readonly reason: Blocked;

  constructor(reason: Blocked) {
    super(reason.code);
    this.reason = reason;
  }
}
