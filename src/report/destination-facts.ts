import type { KnownProvider } from "../cognito/configuration.ts";
import type { Counterpart } from "../destinations/credentials.ts";
import type { RecordProblem, UserRecord } from "../destinations/destination.ts";
import type { HandOver } from "../destinations/hand-over.ts";
import { counterpartOf } from "../destinations/workos/counterparts.ts";
import { WORKOS_HAND_OVER } from "../destinations/workos/hand-over.ts";
import { recordProblems } from "../destinations/workos/record-problems.ts";
import type { Migration } from "../migration.ts";

/** What a report says about a destination. Nobody is called: a report is written where no API key is. */
export interface DestinationFacts {
  counterpartOf(provider: KnownProvider): Counterpart;
  recordProblems(record: UserRecord): RecordProblem[];
  handOver: HandOver;
}

export function destinationFacts(kind: Migration["destination"]["kind"]): DestinationFacts {
  switch (kind) {
    case "workos":
      return {
        counterpartOf,
        recordProblems,
        handOver: WORKOS_HAND_OVER,
      };
  }
}
