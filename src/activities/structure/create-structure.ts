import type { BatchInput, Blocked, Progress } from "../../workflows/contract.ts";
import { sendRange } from "../batch/send-range.ts";
import type { Deps } from "../deps.ts";
import type { Pulse } from "../pulse.ts";
import { structureWork } from "./structure-work.ts";

/** Makes the open organizations and roles of one range. */
export function createStructure(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  return sendRange(deps, input, pulse, (destination) =>
    structureWork(deps.ledger, destination, input.run.migrationId),
  );
}
