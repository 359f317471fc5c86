import { z } from "zod";

/** The keys of a file by its schema: `a.b` for a part of a part, `a.*` for one whose name the writer chooses. */

export interface FileKey {
  path: string;
  /** Its default; undefined where it has none. */
  value: unknown;
}

/** A JSON Schema document, as far as it is walked. */
interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  default?: unknown;
}

/**
 * Every key with its default, once; a part that has keys of its own is none, unless their names are the writer's or a
 * plain value may stand instead.
 */
export function keysOf(schema: z.ZodType): FileKey[] {
  const keys = walk(jsonSchemaOf(schema), "");
  return [...new Map(keys.map((key) => [key.path, key])).values()];
}

/** The keys that a file has, in the words of its schema; each once. */
export function pathsOf(schema: z.ZodType, file: unknown): string[] {
  const keys = keysOf(schema).map(({ path }) => path);
  return keys.filter((path) => has(file, path.split(".")));
}

function has(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const parts = Object.entries(value).filter(([name]) => first === "*" || name === first);
  return parts.some(([, part]) => has(part, rest));
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  // A JSON Schema document, of which the keys above are read.
  return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
}

function walk(schema: JsonSchema, path: string): FileKey[] {
  const variants = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const named = variants.flatMap(({ properties = {} }) => Object.entries(properties));
  const own = named.flatMap(([name, part]) => walk(part, path === "" ? name : `${path}.${name}`));
  const chosen = variants.flatMap(({ additionalProperties: part }) =>
    typeof part === "object" ? walk(part, `${path}.*`).filter((key) => key.path !== `${path}.*`) : [],
  );
  const isPlain = own.length === 0 || (schema.anyOf ?? []).some((variant) => variant.type === "string");
  return [...(isPlain ? [{ path, value: schema.default }] : []), ...own, ...chosen];
}
