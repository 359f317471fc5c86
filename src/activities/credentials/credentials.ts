import { blocked } from "../../domain/blocked.ts";
import type { Blocked, PhaseInput, Progress, RunRef } from "../../domain/contract.ts";
import { type Draft, finding, toldTogether } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import { sendBatch } from "../../engine/batch/send-batch.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { configurationPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { plannedObjects } from "../../ledger/planned-objects.ts";
import { replaceProviderChecks } from "../../ledger/providers.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import { readMigration } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { phaseTotals } from "../fan-out/open-work.ts";
import { needed } from "../plan/organization-findings.ts";
import { RENAMED, Renamed } from "../plan/renamed-organizations.ts";
import { GATE } from "./await-providers.ts";
import { credentialsWork, isProviderGone } from "./credentials-work.ts";
import { checksOfDryRun } from "./dry-run.ts";
import { planCredentials } from "./plan-credentials.ts";

const FAILED = "credentials_failed";
/** A connection that could not be made is the gate's matter: a person may make it. */
const JUDGED_KINDS = ["organization", "redirect_uri", "application"] as const;

/** Makes by API what can be made: organizations of providers, connections, redirect URIs, applications. */
export async function credentials(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { ledger } = deps;
  const { migrationId, generation } = run;
  const { file } = await ledger.read((db) => readMigration(db, migrationId));
  // What an earlier run saw at the gate is looked at again.
  await ledger.write(async (tx) => {
    await replaceProviderChecks(tx, run, []);
    await replaceFindings(tx, migrationId, generation, GATE, []);
  });
  await planCredentials(deps, run, file, pulse);
  if (file.dryRun) return checksOfDryRun(deps, run, pulse);
  const renamed = await renamedOrganizations(deps, run, file);
  if (renamed.length > 0 && !accepted.includes(RENAMED)) {
    await ledger.write((tx) => replaceFindings(tx, migrationId, generation, "credentials", renamed));
    return blocked(RENAMED, { detail: toldTogether(renamed) });
  }
  const destination = deps.destinationOf(file.destination);
  const stopped = await sendBatch({
    ledger,
    pacer: deps.pacer,
    destination,
    work: credentialsWork({
      ledger,
      destination,
      source: deps.sourceOf(file.source),
      sourceTools: {
        slots: new SlotHand(deps.pacer, [configurationPaceKey(file.source)], pulse.signal),
        pulse,
      },
      secrets: deps.secrets,
      run,
      file,
    }),
    range: {
      migrationId,
      generation,
      phase: "credentials",
      from: 1,
      to: await ledger.read((db) => lastOrdinal(db, run, "credentials")),
    },
    acceptedFailures: accepted,
    pulse,
  });
  if (stopped !== null) return stopped;
  const failures = await failuresOf(deps, run);
  const findings = [...failures, ...(await goneProviders(deps, run))];
  await ledger.write((tx) => replaceFindings(tx, migrationId, generation, "credentials", findings));
  if (failures.length > 0 && !accepted.includes(FAILED))
    return blocked(FAILED, { detail: toldTogether(failures) });
  return { status: "complete", totals: await phaseTotals(deps, run, "credentials") };
}

/** Before anything is made in one of them; the plan tells these among all, also where they were accepted. */
async function renamedOrganizations(deps: Deps, run: RunRef, file: Migration): Promise<Draft[]> {
  const { ledger } = deps;
  const renamed = new Renamed({ ledger, run, file });
  await renamed.add(await needed({ ledger, run, file, destination: deps.destinationOf(file.destination) }));
  return renamed.findings();
}

async function goneProviders({ ledger }: Deps, run: RunRef): Promise<Draft[]> {
  const connections = await ledger.read((db) => plannedObjects(db, run, "connection"));
  return connections.filter(isProviderGone).map(({ key }) => finding("provider_gone", { provider: key }));
}

async function failuresOf({ ledger }: Deps, run: RunRef): Promise<Draft[]> {
  const findings: Draft[] = [];
  for (const kind of JUDGED_KINDS) {
    for (const { key, state, code } of await ledger.read((db) => plannedObjects(db, run, kind)))
      if (state === "failed") findings.push(finding(FAILED, { key: `${kind}:${key}`, code }));
  }
  return findings;
}
