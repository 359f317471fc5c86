import type { BatchInput, Blocked, Progress } from "../../domain/contract.ts";
import type { FanOutPhase } from "../../domain/phases.ts";
import type { Undo } from "../../domain/undo.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { Deps } from "../deps.ts";
import { sendRange } from "../fan-out/send-range.ts";
import { undoCredentials } from "./undo-credentials.ts";
import { undoMemberships } from "./undo-memberships.ts";
import { undoStructure } from "./undo-structure.ts";
import { undoUsers } from "./undo-users.ts";

type Send = (deps: Deps, input: BatchInput, pulse: Pulse, undo: Undo) => Promise<Progress | Blocked>;

/** What each phase of an undo takes back. */
export const UNDOES: Readonly<Record<FanOutPhase, Send>> = {
  memberships: (deps, input, pulse) =>
    sendRange(deps, input, pulse, (destination) =>
      undoMemberships(deps.ledger, destination, input.run.migrationId),
    ),
  users: (deps, input, pulse, undo) =>
    sendRange(deps, input, pulse, (destination) =>
      undoUsers(deps.ledger, destination, input.run.migrationId, undo),
    ),
  credentials: (deps, input, pulse) =>
    sendRange(deps, input, pulse, (destination) =>
      undoCredentials(deps.ledger, destination, input.run.migrationId),
    ),
  structure: (deps, input, pulse) =>
    sendRange(deps, input, pulse, (destination) =>
      undoStructure(deps.ledger, destination, input.run.migrationId),
    ),
};
