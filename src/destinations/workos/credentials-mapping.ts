import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { Application, ApplicationRecord, ApplicationSecret } from "../credentials.ts";
import type { Made } from "./settle.ts";

type ApplicationOptions = Parameters<WorkOS["connect"]["createApplication"]>[0];

/** The key stands in the description: an application has no external id. */
export function toApplicationOptions(record: ApplicationRecord): ApplicationOptions {
  const common = { name: record.name, description: record.key, scopes: [...record.scopes] };
  if (record.kind === "m2m")
    return { ...common, applicationType: "m2m", organizationId: record.organizationId };
  const { redirectUris, usesPkce } = record;
  const defaultUri = record.defaultRedirectUri ?? redirectUris[0];
  return {
    ...common,
    applicationType: "oauth",
    isFirstParty: true,
    usesPkce,
    redirectUris: redirectUris.map((uri) => ({ uri, default: uri === defaultUri })),
  };
}

const id = z.string().min(1);
const answeredApplication = z.object({
  id,
  clientId: z.string().min(1),
  description: z.string().nullable().catch(null),
  createdAt: z.date(),
});
const answeredSecret = z.object({ id, createdAt: z.date() });
const answeredNewSecret = z.object({ id, secret: z.string().min(1) });
/** What comes without the SDK's own methods is as WorkOS spells it. */
const answeredRaw = z.object({ id, created_at: z.iso.datetime({ offset: true }) });
const answeredRedirectUri = answeredRaw.extend({ uri: z.string(), default: z.boolean().catch(false) });
const answeredRedirectUris = z.object({
  data: z.array(answeredRedirectUri),
  list_metadata: z.object({ after: z.string().nullish() }).optional(),
});

export interface FoundApplication extends Application, Made {
  description: string;
}

export interface FoundRedirectUri extends Made {
  uri: string;
  isDefault: boolean;
}

/** Throws, as its neighbours do, when the answer lacks what an outcome rests on. */
export function toApplication(answer: unknown): FoundApplication {
  const { id, clientId, description, createdAt } = answeredApplication.parse(answer);
  return { id, clientId, description: description ?? "", createdAtMs: createdAt.getTime() };
}

export function toSecret(answer: unknown): ApplicationSecret {
  const { id, createdAt } = answeredSecret.parse(answer);
  return { id, createdAtMs: createdAt.getTime() };
}

export function toNewSecret(answer: unknown): z.output<typeof answeredNewSecret> {
  return answeredNewSecret.parse(answer);
}

export function toMadeRaw(answer: unknown): Made {
  const { id, created_at } = answeredRaw.parse(answer);
  return { id, createdAtMs: Date.parse(created_at) };
}

export function toRedirectUris(answer: unknown): { items: FoundRedirectUri[]; nextCursor: string | null } {
  const { data, list_metadata } = answeredRedirectUris.parse(answer);
  const items = data.map((one) => ({ ...toMadeRaw(one), uri: one.uri, isDefault: one.default }));
  return { items, nextCursor: list_metadata?.after ?? null };
}
