import { expect, test } from "vitest";
import { z } from "zod";
import { plainIssue } from "../../src/domain/plain-issue.ts";

const canary = z.union([z.number().int().max(100), z.array(z.string())]);

test.each<[z.ZodType, unknown, string]>([
  [z.string(), 1, "must be a text"],
  [z.number(), "1", "must be a number"],
  [z.number(), Number.NaN, "must be a number"],
  [z.number().int(), 1.5, "must be a whole number"],
  [z.boolean(), "yes", "must be true or false"],
  [z.array(z.string()), {}, "must be a list"],
  [z.object({}), [], "must be an object, in braces"],
  [z.record(z.string(), z.string()), 1, "must be an object, in braces"],
  [z.string(), undefined, "is missing: it must be a text"],
  [z.enum(["a", "b"]), "c", 'must be one of "a", "b"'],
  [z.literal("skip"), "c", 'must be "skip"'],
  [z.number().positive(), 0, "must be a number above 0"],
  [z.number().min(1), 0, "must be a number of at least 1"],
  [z.number().max(100_000), 100_001, "must be a number of at most 100,000"],
  [z.number().lt(5), 5, "must be a number below 5"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(8), "short", "must have at least 8 characters"],
  [z.string().max(3), "long", "must have at most 3 characters"],
  [z.array(z.string()).min(1), [], "must not be empty"],
  [z.array(z.string()).min(2), ["a"], "must have at least 2 entries"],
  [z.array(z.string()).max(2), ["a", "b", "c"], "must have at most 2 entries"],
  [z.hostname(), "a b", 'must be a host name such as "example.com"'],
  [canary, "three", "must be a number or a list"],
  [canary, 101, "must be a number of at most 100"],
  [z.record(z.string().min(1), z.string()), { "": "x" }, "has a key that must not be empty"],
  [z.discriminatedUnion("from", [z.object({ from: z.literal("a") })]), { from: "b" }, 'must be "a"'],
  [z.string({ error: "must be mine" }), 1, "must be mine"],
])("%# a value that is not right is told in plain English", (schema, value, expected) => {
  const parsed = schema.safeParse(value, { error: plainIssue });
  expect(parsed.error?.issues[0]?.message).toBe(expected);
});
