import { z } from "zod";
import type { Identity } from "../domain/pool.ts";

/** The parts that make the key of a link; AWS writes the others (`primary`, `dateCreated` …) in several ways. */
const identitySchema = z
  .object({ providerName: z.string().min(1), userId: z.string().min(1) })
  .transform(({ providerName, userId }): Identity => ({ provider: providerName, userId }));

export interface ParsedIdentities {
  identities: Identity[];
  identitiesBroken: boolean;
}

/** Reads the `identities` attribute, a JSON list in a string. Entries that can be read are kept beside broken ones. */
export function parseIdentities(text: string | undefined): ParsedIdentities {
  if (text === undefined) return { identities: [], identitiesBroken: false };
  const list = parseJson(text);
  if (!Array.isArray(list)) return { identities: [], identitiesBroken: true };
  const parsed = list.map((entry) => identitySchema.safeParse(entry));
  return {
    identities: parsed.flatMap((entry) => (entry.success ? [entry.data] : [])),
    identitiesBroken: parsed.some((entry) => !entry.success),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
