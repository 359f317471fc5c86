import type { Draft } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownClient, KnownProvider } from "../../domain/pool.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { plannedOrganizations } from "../../ledger/planned-organizations.ts";
import { Refusals, twinFindings, unusedFinding, unusedNames } from "../../plan/findings/organizations.ts";
import { neededOrganizations } from "../../plan/placement.ts";
import type { Concluding } from "./concluding.ts";
import { Renamed } from "./renamed-organizations.ts";

const SLICE = 1_000;
/** An attribute that gives more organizations than this is hardly one of customers, and names take memory. */
const MAX_COMPARED = 100_000;

/**
 * What is wrong with the organizations that an attribute's values became; all others are known to the assessment, but for
 * what stands of them.
 * `isRefused` tells the problems that this plan met.
 */
export async function organizationFindings(
  concluding: Concluding,
  isRefused: (problem: string) => boolean,
): Promise<Draft[]> {
  const { file, destination } = concluding;
  const { from, named } = file.organizations;
  const compared = await needed(concluding);
  const renamed = new Renamed(concluding);
  await renamed.add(compared);
  if (from === "none") return renamed.findings();
  const refusals = new Refusals(file, destination);
  const used = new Set(compared);
  for await (const keys of slices(concluding)) {
    refusals.add(keys);
    await renamed.add(keys.filter((key) => !used.has(key)));
    compared.push(...keys.slice(0, MAX_COMPARED - compared.length));
    for (const key of keys) if (Object.hasOwn(named, key)) used.add(key);
  }
  const refused = refusals.findings().filter(({ subject }) => isRefused(subject));
  const told = [...refused, ...renamed.findings()];
  if (from !== "attribute") return told;
  return [...told, ...twinFindings(compared), ...unused(file, used, compared)];
}

/** A pilot makes few of the organizations: there, only a name that is nearly right is told. */
function unused(file: Migration, used: ReadonlySet<string>, compared: readonly string[]): Draft[] {
  return unusedNames(file, compared)
    .filter(({ name, instead }) => !used.has(name) && (file.only === undefined || instead !== null))
    .map(unusedFinding);
}

/** The credentials phase makes those of providers and app clients. */
export async function needed({
  ledger,
  run,
  file,
  destination,
}: Omit<Concluding, "pulse">): Promise<string[]> {
  const { migrationId } = run;
  const providers = await ledger.read((db) => readConfiguration<KnownProvider>(db, migrationId, "provider"));
  const clients = await ledger.read((db) => readConfiguration<KnownClient>(db, migrationId, "client"));
  return neededOrganizations(file, { providers, clients }, destination);
}

async function* slices({ ledger, run, pulse }: Concluding): AsyncGenerator<string[]> {
  for (let after: string | null = null; ; ) {
    pulse.throwIfCancelled();
    const from: string | null = after;
    const keys: string[] = await ledger.read((db) => plannedOrganizations(db, run, from, SLICE));
    yield keys;
    after = keys.at(-1) ?? null;
    if (keys.length < SLICE) return;
  }
}
