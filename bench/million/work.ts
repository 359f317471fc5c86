import type { Deps } from "../../src/activities/deps.ts";
import { plan } from "../../src/activities/plan/plan.ts";
import { planUndo } from "../../src/activities/undo/plan-undo.ts";
import { verify } from "../../src/activities/verify/verify.ts";
import { requiredSettings } from "../../src/commands/setup.ts";
import type { Blocked, PhaseInput, Progress } from "../../src/domain/contract.ts";
import { Pulse } from "../../src/engine/heartbeat.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { ownForUndo, readMigration } from "../../src/ledger/runs.ts";
import { createDeps } from "../../src/temporal/deps.ts";
import { OWNER, RUN } from "./fill.ts";
import { POOL } from "./people.ts";
import { StandIn } from "./stand-in.ts";

/** One phase of the newest run as a process of its own, worked as a worker works it: `work.ts PHASE [LISTING]`. */

const [phase = "", listing = ""] = process.argv.slice(2);
const settings = requiredSettings();
const ledger = await openLedger(settings.ledgerUrl);
const nobody = { address: "", searchAttributes: async () => [], runState: async () => "closed" as const };
const deps = await createDeps(settings, ledger, nobody);

switch (phase) {
  case "plan":
    await work(plan, deps);
    break;
  case "verify": {
    using standIn = new StandIn(deps.destinationOf({ kind: "workos" }), listing);
    await work(verify, { ...deps, destinationOf: () => standIn.destination });
    console.log(JSON.stringify(standIn.took));
    break;
  }
  case "undo": {
    const migration = await ledger.read((db) => readMigration(db, RUN.migrationId));
    const owner = { ...OWNER, firstRunId: "undo" };
    const { userPoolId } = POOL;
    const undo = {
      userPoolId,
      destination: { kind: "workos" },
      confirm: userPoolId,
      signedInSince: "keep",
    } as const;
    await ledger.write((tx) => ownForUndo(tx, undo, owner, migration));
    await work(planUndo, deps);
    break;
  }
  default:
    throw new Error(`There is no work ${phase}.`);
}
await ledger.close();
process.exit();

type Activity = (deps: Deps, input: PhaseInput, pulse: Pulse) => Promise<Progress | Blocked>;

/** Share by share, as the workflow asks for it. */
async function work(activity: Activity, own: Deps): Promise<void> {
  const { generation } = await ledger.read((db) => readMigration(db, RUN.migrationId));
  const { environment } = own.destinationOf({ kind: "workos" });
  const run = {
    ...RUN,
    generation,
    ledgerId: ledger.id,
    destinationKind: "workos",
    environment,
    firstRunId: "run",
  };
  for (;;) {
    const pulse = new Pulse({
      info: { currentAttemptScheduledTimestampMs: Date.now() },
      cancellationSignal: new AbortController().signal,
      heartbeat: () => undefined,
    });
    const answer = await activity({ ...own, ledger: ledger.session() }, { run, accepted: [] }, pulse);
    pulse.stop();
    await ledger.sync();
    if (answer.status === "blocked") throw new Error(`${answer.code}: ${answer.sentence}`);
    if (answer.status === "complete") return;
  }
}
