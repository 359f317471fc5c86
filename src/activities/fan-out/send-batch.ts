import type { BatchInput, Blocked, Progress } from "../../domain/contract.ts";
import type { FanOutPhase } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { Deps } from "../deps.ts";
import { membershipsWork } from "../memberships/memberships-work.ts";
import { structureWork } from "../structure/structure-work.ts";
import { barredNow } from "../users/barred-now.ts";
import { usersWork } from "../users/users-work.ts";
import { sendRange } from "./send-range.ts";

type Send = (deps: Deps, input: BatchInput, pulse: Pulse) => Promise<Progress | Blocked>;

/** What each phase sends. */
const SENDS: Readonly<Record<FanOutPhase, Send>> = {
  structure: (deps, input, pulse) => sendRange(deps, input, pulse, structureWork),
  users: (deps, input, pulse) =>
    sendRange(deps, input, pulse, (destination, file, accountId) =>
      usersWork({
        ledger: deps.ledger,
        destination,
        run: input.run,
        file,
        isBarred: barredNow(deps, file.source, accountId, pulse),
      }),
    ),
  memberships: (deps, input, pulse) =>
    sendRange(deps, input, pulse, (destination, file) =>
      membershipsWork(deps.ledger, destination, input.run, file),
    ),
};

/** Sends the open items of one range of a phase. */
export function sendBatch(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  return SENDS[input.phase](deps, input, pulse);
}
