import type { BridgePeople, Person } from "./bridge-people.ts";

/** Who signs in next. */
export interface SignIns {
  /** Somebody who has moved; everybody's turn comes again, as late as can be. */
  repeat(): Person;
  /** Somebody who has not; nobody comes twice. Throws when there is nobody left. */
  first(): Person;
}

export function signIns({ moved, waiting }: BridgePeople): SignIns {
  let repeats = 0;
  let firsts = 0;
  const found = (person: Person | undefined): Person => {
    if (person === undefined) throw new Error("The bench has not made enough people.");
    return person;
  };
  return {
    repeat: () => found(moved[repeats++ % moved.length]),
    first: () => found(waiting[firsts++]),
  };
}
