import type { Progress, RunRef } from "../../domain/contract.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { keptAnswers } from "../../ledger/gate-answers.ts";
import { type ProviderCheck, replaceProviderChecks } from "../../ledger/providers.ts";
import { providerFate } from "../../plan/placement.ts";
import { faultAdvice } from "../../plan/provider-advice.ts";
import type { Deps } from "../deps.ts";
import { checkOne } from "./await-providers.ts";
import type { Checking } from "./check-provider.ts";
import { keptOf } from "./gate-answers.ts";
import { providersOf } from "./providers-of.ts";

/** Where the gate would stand now, as findings: nothing is made and nothing is waited for. */
export async function checksOfDryRun(deps: Deps, run: RunRef, pulse: Pulse): Promise<Progress> {
  const { file, providers } = await providersOf(deps, run);
  const destination = deps.destinationOf(file.destination);
  const kept = await deps.ledger.read((db) => keptAnswers(db, run));
  const checking: Checking = { deps, destination, file, run, pulse, connections: [], kept };
  const findings: Draft[] = [];
  const checks: ProviderCheck[] = [];
  for (const provider of providers) {
    const fate = providerFate(file, provider, destination);
    const check = await checkOne(checking, provider, fate, undefined, undefined);
    checks.push(check);
    if (check.state !== "missing" || check.fault === null) continue;
    const advice = faultAdvice(provider, fate, { fault: check.fault, isDryRun: true }, check.found);
    findings.push(finding("provider_not_verified", { provider: provider.name, advice }));
  }
  const waitedFor = findings.length;
  findings.push(...keptOf(checks).map((one) => finding("gate_answer_kept", one)));
  await deps.ledger.write(async (tx) => {
    await replaceProviderChecks(tx, run, checks);
    await replaceFindings(tx, run.migrationId, run.generation, "credentials", findings);
  });
  const of = providers.length;
  return { status: "complete", totals: { done: of - waitedFor, failed: 0, skipped: waitedFor, of } };
}
