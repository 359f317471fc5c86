import fc from "fast-check";
import { hostileName } from "./hostile.ts";

/** A JSON Schema, as far as files are made by it. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minItems?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Files as somebody may write them: most values are what their key takes, or nearly so, some anything at all. */
export function anyFile(schema: Schema): fc.Arbitrary<unknown> {
  // Whatever is made, it is what JSON can hold.
  return anyValue(schema).map((file) => JSON.parse(JSON.stringify(file)));
}

/** At the edges of what is allowed, and beyond them. */
const NUMBERS = [0, 0.005, 0.01, 1, 2.5, 3, 100, 101, 3_600, 3_601, 100_000, 100_001, -1, 2 ** 53, 1e300];
const LENGTHS = [1, 20, 40, 41, 55, 56, 127, 128, 129, 200, 201, 256, 257, 500, 501];
const TEXTS = [
  "",
  " ",
  "\u00a0",
  " a ",
  "a@b",
  "Europe/Berlin",
  "none",
  "__proto__",
  "constructor",
  "toString",
];
const HOSTS = ["acme.example", "ACME.example.", "localhost", "-a.example", "a_b", "a..b"];

const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc
    .tuple(fc.constantFrom("a", " ", "é", "😀"), fc.constantFrom(...LENGTHS))
    .map(([one, length]) => one.repeat(length)),
  hostileName,
);
const odd = fc.oneof(
  text,
  fc.constantFrom(...NUMBERS),
  fc.boolean(),
  fc.constantFrom<unknown>(null, [], {}, [[]]),
);

function anyValue(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 60, arbitrary: meant(schema) }, { weight: 1, arbitrary: odd });
}

function meant(schema: Schema): fc.Arbitrary<unknown> {
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return fc.oneof(...either.map(anyValue));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array":
      return fc.array(anyValue(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case "string":
      return textOf(schema);
    case "number":
    case "integer":
      return fc.constantFrom(...NUMBERS);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return odd;
  }
}

function objectOf({ properties, required = [], propertyNames, additionalProperties: others }: Schema) {
  if (properties === undefined)
    return fc.dictionary(textOf(propertyNames ?? {}), anyValue(typeof others === "object" ? others : {}), {
      maxKeys: 3,
    });
  const named = Object.entries(properties).map(([name, part]): [string, fc.Arbitrary<unknown>] => [
    name,
    required.includes(name) ? anyValue(part) : fc.option(anyValue(part), { nil: undefined, freq: 1 }),
  ]);
  const surplus = fc.oneof(
    { weight: 60, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(text, odd, { maxKeys: 1 }) },
  );
  return fc.tuple(fc.record(Object.fromEntries(named)), surplus).map(([own, more]) => ({ ...own, ...more }));
}

function textOf({ pattern, format }: Schema): fc.Arbitrary<string> {
  if (format === "hostname") return fc.constantFrom(...HOSTS);
  const plain = fc.constantFrom("a", "b", "custom:tenant");
  if (pattern === undefined) return fc.oneof(plain, text);
  const matching = fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    { weight: 8, arbitrary: plain },
    { weight: 30, arbitrary: matching },
    { weight: 2, arbitrary: text },
  );
}
