import type { BatchInput, Blocked, Progress } from "../../workflows/contract.ts";
import { sendRange } from "../batch/send-range.ts";
import type { Deps } from "../deps.ts";
import type { Pulse } from "../pulse.ts";
import { usersWork } from "./users-work.ts";

/** Imports the open users of one range. */
export function importUsers(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  return sendRange(deps, input, pulse, (destination, file) =>
    usersWork(deps.ledger, destination, input.run.migrationId, file),
  );
}
