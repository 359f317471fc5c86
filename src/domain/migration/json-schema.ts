import { z } from "zod";
import type { DestinationPace } from "../migration.ts";
import { migrationSchema } from "./file.ts";
import { pace } from "./pace.ts";
import { passwordResets } from "./password-resets.ts";
import { kind, place } from "./place.ts";

/** What the schema tells of a destination that there is. */
export interface ToldDestination {
  readonly kind: string;
  readonly name: string;
  readonly environmentIs: string;
  readonly facts: { readonly pace: DestinationPace };
}

/**
 * The JSON Schema of a migration file, for editors: published as docs/migration.schema.json. Of draft 7, which all of them
 * know.
 */
export function migrationSchemaText(destinations: readonly ToldDestination[]): string {
  const schema = z.toJSONSchema(migrationSchema, {
    io: "input",
    target: "draft-7",
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === kind) jsonSchema.enum = destinations.map((one) => one.kind);
      const { description } = jsonSchema;
      if (description === undefined) return;
      const more = [ofDestinations(zodSchema, destinations), ofDefault(jsonSchema)];
      jsonSchema.description = [description, ...more.filter((text) => text !== null)].join(" ");
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const RATES = new Map<z.core.$ZodType, keyof DestinationPace>([
  [pace.shape.writesPerSecond, "writesPerSecond"],
  [pace.shape.readsPerSecond, "readsPerSecond"],
  [pace.shape.callsPerSecond, "callsPerSecond"],
  [passwordResets.shape.perSecond, "resetsPerSecond"],
]);

/** What each of them has for this key; null for a key that is the same everywhere. */
function ofDestinations(part: z.core.$ZodType, destinations: readonly ToldDestination[]): string | null {
  const rate = RATES.get(part);
  if (rate !== undefined)
    return `Default: ${destinations.map(({ name, facts }) => `${facts.pace[rate]} (${name})`).join(", ")}.`;
  if (part === place.shape.environment)
    return `It is named by its ${destinations.map(({ name, environmentIs }) => `${environmentIs} (${name})`).join(", ")}.`;
  return null;
}

/** Most editors show the description beside a key, and no default. Null where it has none, or an empty one. */
function ofDefault({ default: value }: z.core.JSONSchema.BaseSchema): string | null {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value === undefined || isEmpty ? null : `Default: ${JSON.stringify(value)}.`;
}
