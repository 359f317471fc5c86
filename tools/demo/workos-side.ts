import { z } from "zod";

/** What the WorkOS stand-in holds and was asked. */

const accountSchema = z.object({
  id: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  external_id: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
});
const stateSchema = z.object({
  users: z.array(accountSchema),
  createdByExternalId: z.record(z.string(), z.number()),
});
const journalSchema = z.array(
  z.object({
    seq: z.number(),
    atMs: z.number(),
    method: z.string(),
    path: z.string(),
    status: z.number().nullable(),
  }),
);

export type Account = z.output<typeof accountSchema>;
export type WorkosState = z.output<typeof stateSchema>;
export type JournalEntry = z.output<typeof journalSchema>[number];

export async function workosState(url: string): Promise<WorkosState> {
  return stateSchema.parse(await (await fetch(`${url}/__double/state`)).json());
}

export async function journalSince(url: string, seq: number): Promise<JournalEntry[]> {
  return journalSchema.parse(await (await fetch(`${url}/__double/journal?since=${seq}`)).json());
}

export function isCreation({ method, path, status }: JournalEntry): boolean {
  return method === "POST" && path === "/user_management/users" && status === 201;
}
