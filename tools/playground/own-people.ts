import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { plainIssue } from "../../src/domain/plain-issue.ts";
import { UsageError } from "../../src/exit.ts";
import type { PoolGroup, PoolUser } from "../../test/doubles/pool/pool.ts";

/** People whom somebody wants to see move, as they write them down. */
const personSchema = z.strictObject({
  email: z.email(),
  emailVerified: z.boolean().default(true),
  password: z.string().min(1).optional(),
  status: z.enum(["CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD"]).default("CONFIRMED"),
  enabled: z.boolean().default(true),
  groups: z.array(z.string().min(1)).default([]),
  attributes: z.record(z.string(), z.string()).default({}),
});
const fileSchema = z.strictObject({ users: z.array(personSchema).min(1) });

/** The people of a file and the groups that they are in. Throws UsageError with one sentence. */
export async function ownPeople(path: string): Promise<{ users: PoolUser[]; groups: PoolGroup[] }> {
  const parsed = fileSchema.safeParse(await jsonOf(path), { error: plainIssue });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `The pool's file ${path} is wrong: ${issue?.path.join(".") || "the file"}: ${issue?.message}.`,
    );
  }
  const people = parsed.data.users.map((person) => ({ person, user: userOf(person) }));
  const names = new Set(people.flatMap(({ person }) => person.groups));
  const groups = [...names].map((name): PoolGroup => {
    const members = people.filter(({ person }) => person.groups.includes(name)).map(({ user }) => user.sub);
    return { name, description: "", precedence: null, members };
  });
  return { users: people.map(({ user }) => user), groups };
}

async function jsonOf(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    throw new UsageError(`The pool's file ${path} is not there, or is no JSON.`);
  }
}

function userOf({
  email,
  emailVerified,
  password,
  status,
  enabled,
  attributes,
}: z.output<typeof personSchema>): PoolUser {
  const sub = randomUUID();
  const nowMs = Date.now();
  return {
    kind: "own",
    sub,
    username: sub,
    attributes: { ...attributes, sub, email, email_verified: String(emailVerified) },
    status,
    enabled,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    ...(password !== undefined && { password }),
  };
}
