import type { BatchInput, Blocked, Progress } from "../../domain/contract.ts";
import type { FanOutPhase } from "../../domain/phases.ts";
import type { Undo } from "../../domain/undo.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { MigrationRow } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { sendRange } from "../fan-out/send-range.ts";
import { undoCredentials } from "./undo-credentials.ts";
import { undoMemberships } from "./undo-memberships.ts";
import { undoStructure } from "./undo-structure.ts";
import { undoUsers } from "./undo-users.ts";

type Undone = MigrationRow & { undo: Undo };
type Send = (deps: Deps, input: BatchInput, pulse: Pulse, migration: Undone) => Promise<Progress | Blocked>;

/** What each phase of an undo takes back. */
export const UNDOES: Readonly<Record<FanOutPhase, Send>> = {
  memberships: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination) =>
      undoMemberships(deps.ledger, destination, input.run.migrationId),
    ),
  users: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination) =>
      undoUsers(deps.ledger, destination, input.run, migration.undo),
    ),
  credentials: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination) =>
      undoCredentials(deps.ledger, destination, input.run.migrationId),
    ),
  structure: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination) =>
      undoStructure(deps.ledger, destination, input.run.migrationId),
    ),
};
