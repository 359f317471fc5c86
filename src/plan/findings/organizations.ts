import type { KnowsCounterparts } from "../../domain/counterparts.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolConfiguration } from "../../domain/pool.ts";
import type { KnowsStructure } from "../../domain/records.ts";
import { mayBeAddress } from "../normalize.ts";
import { organizationJudge, organizationOfGroup } from "../organizations.ts";
import { neededOrganizations } from "../placement.ts";
import { twinsAmong, type UnknownName, unknownNames } from "./names.ts";

const MAX_NAMED = 5;

/**
 * Organizations that are known before the plan looks at anybody: those of providers and app clients, the one that
 * everyone belongs to, those of groups. Values of an attribute are the plan's matter.
 */
export function foreseenOrganizations(
  file: Migration,
  configuration: Pick<PoolConfiguration, "groups" | "providers" | "clients">,
  destination: KnowsCounterparts,
): string[] {
  const { organizations } = file;
  const fixed = organizations.from === "fixed" ? [organizations.organization] : [];
  const ofGroups = configuration.groups
    .map(({ name }) => organizationOfGroup(organizations, name))
    .filter((key) => key !== null);
  return [...new Set([...neededOrganizations(file, configuration, destination), ...fixed, ...ofGroups])];
}

/** What is wrong with the organizations that are known before the plan. */
export function foreseenFindings(
  file: Migration,
  configuration: PoolConfiguration,
  destination: KnowsStructure & KnowsCounterparts,
): Draft[] {
  const keys = foreseenOrganizations(file, configuration, destination);
  const refusals = new Refusals(file, destination);
  refusals.add(keys);
  const drafts = [...refusals.findings(), ...twinFindings(keys)];
  // Whom an attribute brings along, only the plan knows.
  return file.organizations.from === "attribute"
    ? drafts
    : [...drafts, ...unusedNames(file, keys).map(unusedFinding)];
}

export function twinFindings(keys: Iterable<string>): Draft[] {
  const twins = twinsAmong(keys);
  const isTellable = (organizations: readonly string[]) => !organizations.some(mayBeAddress);
  const untold = twins.filter((organizations) => !isTellable(organizations)).flat().length;
  return [
    ...twins
      .filter(isTellable)
      .map((organizations) => finding("organization_twins", { organizations, count: organizations.length })),
    ...(untold > 0 ? [finding("organization_twins", { organizations: [], count: untold })] : []),
  ];
}

/** Names of the file that none of these organizations has. */
export function unusedNames({ organizations }: Migration, keys: readonly string[]): UnknownName[] {
  return unknownNames(Object.keys(organizations.named), keys);
}

export function unusedFinding({ name, instead }: UnknownName): Draft {
  return finding("organization_unknown", { organization: name, instead });
}

/** Organizations that the destination would refuse, by what is wrong with them. */
export class Refusals {
  readonly #problemsOf: (key: string) => string[];
  readonly #byProblem = new Map<string, Told>();

  constructor({ organizations }: Migration, destination: KnowsStructure) {
    this.#problemsOf = organizationJudge(organizations, destination);
  }

  add(keys: readonly string[]): void {
    for (const key of keys) for (const problem of this.#problemsOf(key)) this.#count(problem, key);
  }

  findings(): Draft[] {
    return [...this.#byProblem].map(([problem, told]) =>
      finding("organization_refused", { problem, ...told.all() }),
    );
  }

  #count(problem: string, key: string): void {
    const told = this.#byProblem.get(problem) ?? new Told();
    told.add(key);
    this.#byProblem.set(problem, told);
  }
}

/** Organizations as a sentence tells them: the first few by name, the others counted. */
export class Told {
  readonly #organizations: string[] = [];
  #count = 0;

  add(key: string): void {
    // An attribute that was chosen by mistake may hold people's addresses, and these sentences reach Temporal.
    if (this.#organizations.length < MAX_NAMED && !mayBeAddress(key)) this.#organizations.push(key);
    this.#count += 1;
  }

  all(): { organizations: readonly string[]; count: number } {
    return { organizations: this.#organizations, count: this.#count };
  }
}
