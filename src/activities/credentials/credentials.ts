import type { KnownClient } from "../../cognito/configuration.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { entityStates } from "../../ledger/entities.ts";
import { type Finding, replaceFindings } from "../../ledger/findings.ts";
import { lastOrdinal } from "../../ledger/plan.ts";
import { replaceProviderChecks } from "../../ledger/providers.ts";
import { readMigration } from "../../ledger/runs.ts";
import type { Blocked, PhaseInput, Progress } from "../../workflows/contract.ts";
import { phaseTotals } from "../batch/open-work.ts";
import { sendBatch } from "../batch/send-batch.ts";
import { blocked } from "../blocked.ts";
import type { Deps } from "../deps.ts";
import { configurationPaceKey } from "../pace-keys.ts";
import { planEntities } from "../plan/plan-entities.ts";
import type { Pulse } from "../pulse.ts";
import { SlotHand } from "../slot-hand.ts";
import { step } from "../steps.ts";
import { credentialsWork } from "./credentials-work.ts";
import { checksOfDryRun } from "./dry-run.ts";
import { credentialsParts } from "./parts.ts";
import { providersOf } from "./providers-of.ts";

const FAILED = "credentials_failed";
/** A connection that could not be made is the gate's matter: a person may make it. */
const JUDGED_KINDS = ["organization", "redirect_uri", "application"];
const SLICE_PARTS = 500;

/** Makes by API what can be made: organizations of providers, connections, redirect URIs, applications. */
export async function credentials(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { ledger } = deps;
  const { migrationId, generation } = run;
  const { file } = await ledger.read((db) => readMigration(db, migrationId));
  if (file.dryRun) return checksOfDryRun(deps, run, pulse);
  const destination = deps.destinationOf(file.destination);
  const { providers } = await providersOf(deps, run);
  const clients = await ledger.read((db) => readConfiguration<KnownClient>(db, migrationId, "client"));
  // What an earlier run saw is looked at again.
  await ledger.write((tx) => replaceProviderChecks(tx, migrationId, []));
  const parts = credentialsParts(file, { providers, clients }, destination.credentials);
  for (let from = 0; from < parts.length; from += SLICE_PARTS)
    await step({ ledger, pulse }, (tx) =>
      planEntities(tx, migrationId, "credentials", parts.slice(from, from + SLICE_PARTS)),
    );
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
      migrationId,
      file,
    }),
    range: {
      migrationId,
      phase: "credentials",
      from: 1,
      to: await ledger.read((db) => lastOrdinal(db, migrationId, "credentials")),
    },
    acceptedFailures: accepted,
    pulse,
  });
  if (stopped !== null) return stopped;
  const findings = await failuresOf(deps, migrationId);
  await ledger.write((tx) => replaceFindings(tx, migrationId, generation, "credentials", findings));
  if (findings.length > 0 && !accepted.includes(FAILED))
    return blocked(FAILED, { detail: findings.map(({ sentence }) => sentence).join(" ") });
  return { status: "complete", totals: await phaseTotals(deps, run, "credentials") };
}

async function failuresOf({ ledger }: Deps, migrationId: number): Promise<Omit<Finding, "phase">[]> {
  const findings: Omit<Finding, "phase">[] = [];
  for (const kind of JUDGED_KINDS) {
    const states = await ledger.read((db) => entityStates(db, migrationId, "credentials", kind));
    for (const { key, state, code } of states)
      if (state === "failed")
        findings.push({
          severity: "blocker",
          code: FAILED,
          subject: key,
          sentence: `The destination refuses ${key} (${code ?? "no code"}).`,
        });
  }
  return findings;
}
