import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from "ajv/dist/2020.js";
import formatsPlugin from "ajv-formats";
import { parse } from "yaml";
import { z } from "zod";
import type { Exchange } from "./recording-proxy.ts";

/** Compares recorded calls with an OpenAPI 3.1 document, unknown fields included. */

const schema = z.record(z.string(), z.unknown());
const content = z.object({ "application/json": z.object({ schema }) }).optional();
const operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema })),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content })),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), schema) }),
});
type Operation = z.output<typeof operation>;

export class OpenApi {
  readonly #document: z.output<typeof document>;
  readonly #strict = withFormats(new Ajv2020({ strict: false, allErrors: true }));
  /** Values of a query are all text. */
  readonly #coercing = withFormats(new Ajv2020({ strict: false, allErrors: true, coerceTypes: true }));
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(path: string) {
    this.#document = document.parse(parse(readFileSync(path, "utf8")));
  }

  /** What the request says against the document; empty for a valid one. */
  requestProblems({ method, path, query, request }: Exchange): string[] {
    const [name, found] = this.#operation(method, path);
    if (found === null) return [`${name}: not in the document`];
    const inQuery = found.parameters.filter((parameter) => parameter.in === "query");
    const properties = Object.fromEntries(inQuery.map((parameter) => [parameter.name, parameter.schema]));
    const querySchema = { type: "object", properties, additionalProperties: false };
    const given = Object.entries(query).map(([key, value]) => [
      key,
      // The document's lists in a query are all of `style: form`, `explode: false`.
      properties[key]?.type === "array" ? value.split(",") : value,
    ]);
    const body = found.requestBody?.content?.["application/json"].schema;
    return [
      ...this.#check(`${name} query`, querySchema, Object.fromEntries(given), this.#coercing),
      ...this.#check(`${name} request`, body, request),
    ];
  }

  answerProblems({ method, path, status, answer }: Exchange): string[] {
    const [name, found] = this.#operation(method, path);
    if (found === null) return [`${name}: not in the document`];
    const documented = found.responses[String(status)];
    if (documented === undefined) return [`${name} ${status}: not in the document`];
    return this.#check(`${name} ${status}`, documented.content?.["application/json"].schema, answer);
  }

  /** A literal path wins over one with parameters. */
  #operation(method: string, path: string): [name: string, operation: Operation | null] {
    const templates = Object.keys(this.#document.paths).filter((template) => matches(template, path));
    const template = templates.sort((a, b) => parameterCount(a) - parameterCount(b))[0] ?? path;
    const found = this.#document.paths[template]?.[method.toLowerCase()];
    const name = `${method} ${template}`;
    return [name, found === undefined ? null : operation.parse(found)];
  }

  #check(name: string, schema: AnySchemaObject | undefined, value: unknown, ajv = this.#strict): string[] {
    if (schema === undefined) return value === undefined ? [] : [`${name}: a body where none is documented`];
    let validate = this.#validators.get(name);
    if (validate === undefined) {
      validate = ajv.compile(this.#closed(schema));
      this.#validators.set(name, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => {
      const { unevaluatedProperty = "" } = error.params;
      return `${name}: ${error.instancePath} ${error.message} ${unevaluatedProperty}`.trim();
    });
  }

  /** With references put in place, and every object closed to fields that no branch of it names. */
  #closed(node: AnySchemaObject, isBranch = false): AnySchemaObject {
    if (typeof node.$ref === "string") {
      const referred = this.#document.components.schemas[node.$ref.split("/").at(-1) ?? ""];
      if (referred === undefined) throw new Error(`The document has no ${node.$ref}.`);
      return this.#closed(referred, isBranch);
    }
    const result: AnySchemaObject = { ...node };
    // The document names some fields twice.
    if (Array.isArray(node.required)) result.required = [...new Set(node.required)];
    for (const key of ["allOf", "oneOf", "anyOf"])
      if (Array.isArray(node[key])) result[key] = node[key].map((branch) => this.#closed(branch, true));
    if (node.properties !== undefined)
      result.properties = Object.fromEntries(
        Object.entries<AnySchemaObject>(node.properties).map(([name, property]) => [
          name,
          this.#closed(property),
        ]),
      );
    if (node.items !== undefined) result.items = this.#closed(node.items);
    const isObject = node.properties !== undefined || node.allOf !== undefined || node.oneOf !== undefined;
    if (isObject && !isBranch) result.unevaluatedProperties = false;
    return result;
  }
}

function withFormats(ajv: Ajv2020): Ajv2020 {
  formatsPlugin.default(ajv);
  return ajv;
}

function matches(template: string, path: string): boolean {
  const parts = template.split("/");
  const given = path.split("/");
  return (
    parts.length === given.length && parts.every((part, at) => part.startsWith("{") || part === given[at])
  );
}

function parameterCount(template: string): number {
  return template.split("{").length;
}
