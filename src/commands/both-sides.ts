import type { Destination } from "../destinations/destination.ts";
import { type Draft, finding } from "../domain/findings.ts";
import type { Migration } from "../domain/migration.ts";
import { required } from "../exit.ts";
import type { SetUp } from "../plan/findings/assessment.ts";
import { foreseenOrganizations } from "../plan/findings/organizations.ts";
import type { Foreseen } from "../plan/phase-seconds.ts";
import { type ClientFate, clientFate } from "../plan/placement.ts";
import { sendableRoles } from "../plan/roles.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installClientRuntime } from "../temporal/runtime.ts";
import { registerCommand } from "../temporal/search-attributes.ts";
import type { TemporalTarget } from "../temporal/target.ts";
import { type Forecast, forecast } from "./forecast.ts";
import { configuredOf } from "./preflight.ts";
import { setUpFindings } from "./set-up-findings.ts";
import { isDefaultTarget, targetInUse } from "./temporal-server.ts";

export interface BothSides {
  /** Where a run would be started. */
  target: TemporalTarget;
  findings: Draft[];
  plan: Forecast;
}

/** Asks Temporal, the pool and the destination what a run would meet. Throws UsageError. */
export async function lookAtBothSides(
  migration: Migration,
  settings: Settings,
  destination: Destination,
): Promise<BothSides> {
  installClientRuntime();
  const target = await targetInUse(settings);
  const ofTemporal = await temporalFindings(target);
  const { setUp, findings: ofSetUp } = await setUpFindings(migration, settings, destination);
  const foreseen = foreseenBy(migration, setUp, destination);
  const plan = forecast(migration, setUp.shape, foreseen, configuredOf(migration, settings));
  return { target, findings: [...ofTemporal, ...ofSetUp], plan };
}

/** What a client's application is made for, once nothing stands in its way. */
const MADE: readonly ClientFate["kind"][] = ["application", "machine", "organization_missing"];

/** What the phases before the users will make, for the time that it takes. */
function foreseenBy(file: Migration, { configuration }: SetUp, destination: Destination): Foreseen {
  const { groups, providers, clients } = configuration;
  const roles = sendableRoles(file, groups, destination).records;
  return {
    organizations: foreseenOrganizations(file, configuration, destination).length,
    roles: roles.length,
    permissions: roles.reduce((sum, { permissions }) => sum + permissions.length, 0),
    providers: providers.length,
    clients: clients.filter((client) => MADE.includes(clientFate(file, client, destination).kind)).length,
  };
}

/** Throws UsageError where a server was named and does not answer. */
async function temporalFindings(target: TemporalTarget): Promise<Draft[]> {
  const connected = await connectTemporal(target);
  if (!connected.ok && isDefaultTarget(target)) return [finding("temporal_unreachable", target)];
  const connection = required(connected);
  try {
    const registered = await createOrchestration(connection, target).searchAttributes();
    const command = registerCommand(target, registered);
    return command === null ? [] : [finding("search_attributes_missing", { command })];
  } finally {
    await connection.close();
  }
}
