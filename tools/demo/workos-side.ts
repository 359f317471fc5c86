import { z } from "zod";
import type { World } from "./world.ts";

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
const membershipSchema = z.object({
  user_id: z.string(),
  organization_id: z.string(),
  status: z.string(),
  roles: z.array(z.object({ slug: z.string() })),
});
const connectionSchema = z.object({ organization_id: z.string(), name: z.string() });
const applicationSchema = z.object({
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  redirect_uris: z.array(z.object({ uri: z.string() })).default([]),
});
const clientSecretSchema = z.object({
  id: z.string(),
  application_id: z.string(),
  secret: z.string(),
  deleted_at: z.string().nullable(),
});
/** How often each was created. */
const timesSchema = z.record(z.string(), z.number());
const stateSchema = z.object({
  users: z.array(accountSchema),
  organizations: z.array(z.object({ id: z.string(), external_id: z.string().nullable() })),
  memberships: z.array(membershipSchema),
  roles: z.array(z.object({ slug: z.string(), permissions: z.array(z.string()) })),
  connections: z.array(connectionSchema),
  applications: z.array(applicationSchema),
  clientSecrets: z.array(clientSecretSchema),
  redirectUris: z.array(z.object({ uri: z.string() })),
  createdByExternalId: timesSchema,
  createdOrganizations: timesSchema,
  createdMemberships: timesSchema,
  createdRoles: timesSchema,
  createdConnections: timesSchema,
  createdApplications: timesSchema,
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

/** Of a user, not of what belongs to one. */
export function isUserCreation({ method, path, status }: JournalEntry): boolean {
  return method === "POST" && path === "/user_management/users" && status === 201;
}

/** A person enters Google's client in WorkOS's dashboard. */
export async function enterGoogle(url: string, clientId: string): Promise<void> {
  const body = JSON.stringify({ provider: "GoogleOAuth", clientId });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/__double/dashboard/providers`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`The dashboard's stand-in refused Google: ${await answer.text()}`);
}

/** Somebody changes a person's first name, by WorkOS's own API. */
export async function changeName(
  { workosUrl, settings }: Pick<World, "workosUrl" | "settings">,
  externalId: string,
  firstName: string,
): Promise<void> {
  const { users } = await workosState(workosUrl);
  const id = users.find(({ external_id }) => external_id === externalId)?.id ?? "";
  const answer = await fetch(`${workosUrl}/user_management/users/${id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${settings.WORKOS_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ first_name: firstName }),
  });
  if (!answer.ok) throw new Error(`WorkOS's stand-in refused a change: ${await answer.text()}`);
}
