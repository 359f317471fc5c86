import type { BatchInput, Blocked, Progress } from "../../domain/contract.ts";
import type { FanOutPhase } from "../../domain/phases.ts";
import type { Work } from "../../engine/batch/work.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { type MigrationRow, readMigration } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { membershipsWork } from "../memberships/memberships-work.ts";
import { askedAgain, type PeopleOf } from "../redrive/asked-again.ts";
import { comersOf } from "../redrive/comers.ts";
import { structureWork } from "../structure/structure-work.ts";
import { UNDOES } from "../undo/undo-batch.ts";
import { keptNow } from "../users/kept-now.ts";
import { usersWork } from "../users/users-work.ts";
import { sendRange } from "./send-range.ts";

type Send = (
  deps: Deps,
  input: BatchInput,
  pulse: Pulse,
  migration: MigrationRow,
) => Promise<Progress | Blocked>;

/** What each phase of a migration sends; credentials go in one batch, one after the other. */
const SENDS: Readonly<Record<Exclude<FanOutPhase, "credentials">, Send>> = {
  structure: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination, file) => {
      const comers = comersOf(deps, input.run, file, destination);
      return ofPeople(deps, input, pulse, migration, structureWork(destination), comers);
    }),
  users: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination, file, accountId) => {
      const whyKept = keptNow(deps, file.source, accountId, pulse);
      const scene = { ledger: deps.ledger, destination, run: input.run, file, whyKept };
      return ofPeople(deps, input, pulse, migration, usersWork(scene));
    }),
  memberships: (deps, input, pulse, migration) =>
    sendRange(deps, input, pulse, migration, (destination, file) => {
      const work = membershipsWork(deps.ledger, destination, input.run, file);
      return ofPeople(deps, input, pulse, migration, work);
    }),
};

function ofPeople<Payload>(
  deps: Deps,
  { run }: BatchInput,
  pulse: Pulse,
  migration: MigrationRow,
  work: Work<Payload>,
  peopleOf?: PeopleOf,
): Work<Payload> {
  return run.asksAgain ? askedAgain(deps, run, pulse, migration, work, peopleOf) : work;
}

/** Sends the open items of one range of a phase. */
export async function sendBatch(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  const { phase, run } = input;
  const migration = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { undo } = migration;
  if (undo !== null) return UNDOES[phase](deps, input, pulse, { ...migration, undo });
  if (phase === "credentials") throw new Error("A migration sends its credentials in one batch.");
  return SENDS[phase](deps, input, pulse, migration);
}
