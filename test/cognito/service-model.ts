import { readFileSync } from "node:fs";
import { z } from "zod";

/** Checks JSON against an AWS service model, the format that botocore and the SDKs are made from. */

const reference = z.object({ shape: z.string() });
const shapeSchema = z.object({
  type: z.string(),
  members: z.record(z.string(), reference).default({}),
  required: z.array(z.string()).default([]),
  member: reference.optional(),
  key: reference.optional(),
  value: reference.optional(),
  enum: z.array(z.string()).optional(),
  min: z.number().default(Number.NEGATIVE_INFINITY),
  max: z.number().default(Number.POSITIVE_INFINITY),
  pattern: z.string().optional(),
});
const modelSchema = z.object({
  operations: z.record(
    z.string(),
    z.object({ input: reference, output: reference, errors: z.array(reference).default([]) }),
  ),
  shapes: z.record(z.string(), shapeSchema),
});

type Shape = z.output<typeof shapeSchema>;

export interface ServiceModel {
  /** What is wrong with a request, as `path: problem`; list positions are left out of the path. */
  requestProblems(operation: string, request: unknown): string[];
  answerProblems(operation: string, answer: unknown): string[];
  shapeProblems(shape: string, value: unknown): string[];
  /** Names of the errors that the operation declares. */
  errorsOf(operation: string): string[];
}

export function readServiceModel(path: string): ServiceModel {
  const { operations, shapes } = modelSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const operationNamed = (name: string) => {
    const operation = operations[name];
    if (operation === undefined) throw new Error(`The model has no operation ${name}.`);
    return operation;
  };

  const problems = (name: string, value: unknown, path: string): string[] => {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
    const children = (entries: [string | undefined, unknown, string][]) =>
      entries.flatMap(([child, inner, at]) => (child === undefined ? [] : problems(child, inner, at)));
    const wrong = wrongType(shape, value);
    if (wrong !== null) return [`${path}: ${wrong}`];
    if (Array.isArray(value))
      return [
        ...outOfBounds(shape, value.length, path),
        ...children(value.map((inner) => [shape.member?.shape, inner, `${path}[]`])),
      ];
    if (typeof value === "string") return textProblems(shape, value, path);
    if (typeof value === "number") return outOfBounds(shape, value, path);
    if (typeof value !== "object" || value === null) return [];
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    if (shape.type === "map")
      return [
        ...outOfBounds(shape, entries.length, path),
        ...children(entries.map(([key]) => [shape.key?.shape, key, `${path}{}`])),
        ...children(entries.map(([key, inner]) => [shape.value?.shape, inner, `${path}.${key}`])),
      ];
    return [
      ...shape.required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${path}.${key}: missing`),
      ...entries
        .filter(([key]) => !Object.hasOwn(shape.members, key))
        .map(([key]) => `${path}.${key}: unknown`),
      ...children(entries.map(([key, inner]) => [shape.members[key]?.shape, inner, `${path}.${key}`])),
    ];
  };

  return {
    requestProblems: (operation, request) =>
      problems(operationNamed(operation).input.shape, request, operation),
    answerProblems: (operation, answer) =>
      problems(operationNamed(operation).output.shape, answer, operation),
    shapeProblems: (shape, value) => problems(shape, value, shape),
    errorsOf: (operation) => operationNamed(operation).errors.map(({ shape }) => shape),
  };
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Timestamps of AWS JSON 1.1 are numbers. */
const TYPE_CHECKS: Record<string, (value: unknown) => boolean> = {
  structure: isObject,
  map: isObject,
  list: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  timestamp: (value) => typeof value === "number",
};

function wrongType({ type }: Shape, value: unknown): string | null {
  const isRight = TYPE_CHECKS[type];
  if (isRight === undefined) throw new Error(`The checker does not know the type ${type}.`);
  return isRight(value) ? null : `not a ${type}`;
}

function textProblems(shape: Shape, text: string, path: string): string[] {
  const problems = outOfBounds(shape, text.length, path);
  if (shape.enum !== undefined && !shape.enum.includes(text))
    problems.push(`${path}: not of the enumeration`);
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(text))
    problems.push(`${path}: against the pattern`);
  return problems;
}

function outOfBounds({ min, max }: Shape, size: number, path: string): string[] {
  return size < min || size > max ? [`${path}: not from ${min} to ${max}`] : [];
}
