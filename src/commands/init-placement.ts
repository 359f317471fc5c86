import { input } from "@inquirer/prompts";
import type { RegisteredVendor } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import { foreseenOrganizations } from "../plan/findings/organizations.ts";
import { type Choice, choose } from "./choose.ts";
import { refusalOf, soFar } from "./init-answer.ts";
import type { KnownPool } from "./init-known.ts";

type Placements = NonNullable<MigrationFile["providers"]>;
type Part = "providers" | "clients";

/** What somebody chose for one of them. */
type Chosen = { kind: "organization"; key: string } | { kind: "without" | "other" | "skip" | "stop" };

/** A provider or an app client that is asked about. */
export interface Topic {
  /** By which the file knows it. */
  name: string;
  message: string;
  /** What becomes of it without a word in the file. */
  without: Pick<Choice<Chosen>, "name" | "description">;
  takesOrganization: boolean;
}

/** By name; whatever the file says nothing of is not there. */
export async function askEach(
  part: Part,
  topics: readonly Topic[],
  file: MigrationFile,
  known: KnownPool,
  vendor: RegisteredVendor,
): Promise<Placements> {
  let placements: Placements = {};
  for (const [at, topic] of topics.entries()) {
    const now = { ...file, [part]: placements };
    const organizations = topic.takesOrganization ? organizationsOf(now, known, vendor) : [];
    const choices = choicesOf(topic, organizations);
    const chosen = await choose(topic.message, choices, alwaysOf(topic, at + 1 < topics.length));
    if (chosen.kind === "stop") break;
    const placement = await placementOf(chosen, now, part, topic.name);
    if (placement !== null) placements = { ...placements, [topic.name]: placement };
  }
  return placements;
}

/** Keys that can be chosen: those of the groups, and those that were named by now. */
function organizationsOf(file: MigrationFile, known: KnownPool, { rules }: RegisteredVendor): string[] {
  const { groups, providers, clients } = known;
  const pool = { groups: groups ?? [], providers: providers ?? [], clients: clients ?? [] };
  return foreseenOrganizations(soFar(file), pool, rules);
}

/** In a choice. */
export function belongsTo(key: string): string {
  return `Belongs to the organization ${key}`;
}

/** Enter alone puts nobody into an organization. */
function choicesOf({ without }: Topic, keys: readonly string[]): Choice<Chosen>[] {
  const named = keys.map(
    (key): Choice<Chosen> => ({
      value: { kind: "organization", key },
      name: belongsTo(key),
    }),
  );
  const others = named.filter(({ name }) => name !== without.name);
  return [{ value: { kind: "without" }, ...without }, ...others];
}

function alwaysOf({ takesOrganization }: Topic, hasMore: boolean): Choice<Chosen>[] {
  const other: Choice<Chosen> = {
    value: { kind: "other" },
    name: "Belongs to an organization that you type",
  };
  const stop: Choice<Chosen> = {
    value: { kind: "stop" },
    name: "Ask no more of these",
    description: "The file says nothing of this one and the others; check names those that it has to.",
  };
  return [
    ...(takesOrganization ? [other] : []),
    { value: { kind: "skip" }, name: "Left behind" },
    ...(hasMore ? [stop] : []),
  ];
}

/** Null where the file says nothing of it. */
async function placementOf(
  chosen: Chosen,
  file: MigrationFile,
  part: Part,
  name: string,
): Promise<Placements[string] | null> {
  const refusal = (placement: Placements[string]) =>
    refusalOf({ ...file, [part]: { ...file[part], [name]: placement } });
  switch (chosen.kind) {
    case "organization":
      return { organization: chosen.key };
    case "other": {
      const organization = await input({
        message: "Key of the organization:",
        validate: (text) => refusal({ organization: text }),
      });
      return { organization: organization.trim() };
    }
    case "skip": {
      const skip = await input({
        message: "Why is it left behind? The report tells it.",
        default: "not needed any more",
        validate: (text) => refusal({ skip: text }),
      });
      return { skip: skip.trim() };
    }
    default:
      return null;
  }
}
