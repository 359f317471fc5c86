import { readFile, stat } from "node:fs/promises";
import { z } from "zod";

const fileSchema = z.record(z.string(), z.object({ clientId: z.string(), clientSecret: z.string() }));

/** The file of secrets that the run keeps. */
export interface KeptSecrets {
  entries: { clientId: string; clientSecret: string }[];
  /** Who may read it, such as 0o600. */
  mode: number;
}

export async function keptSecrets(path: string): Promise<KeptSecrets> {
  const file: unknown = JSON.parse(await readFile(path, "utf8"));
  return { entries: Object.values(fileSchema.parse(file)), mode: (await stat(path)).mode & 0o777 };
}
