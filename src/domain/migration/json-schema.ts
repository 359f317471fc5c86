import { z } from "zod";
import { migrationSchema } from "./file.ts";
import { kind } from "./place.ts";

/**
 * The JSON Schema of a migration file, for editors: published as docs/migration.schema.json. Of draft 7, which all of them
 * know. `kinds` are the destinations that there are.
 */
export function migrationSchemaText(kinds: readonly string[]): string {
  const schema = z.toJSONSchema(migrationSchema, {
    io: "input",
    target: "draft-7",
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === kind) jsonSchema.enum = [...kinds];
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
