import type { BatchInput, Blocked, Progress } from "../../workflows/contract.ts";
import { sendRange } from "../batch/send-range.ts";
import type { Deps } from "../deps.ts";
import type { Pulse } from "../pulse.ts";
import { membershipsWork } from "./memberships-work.ts";

/** Makes the open memberships of one range. */
export function createMemberships(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  return sendRange(deps, input, pulse, (destination) =>
    membershipsWork(deps.ledger, destination, input.run.migrationId),
  );
}
