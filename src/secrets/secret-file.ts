import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { z } from "zod";
import { argumentWords, shellLine } from "../domain/shell-line.ts";
import { withFileBeside } from "./file-beside.ts";
import { jsonOf } from "./json.ts";
import type { StoreAnswer } from "./secret-store.ts";

/** The file of secrets, read and written as a whole. The file system's own errors are thrown as they are. */

const OTHERS = 0o077;

const entrySchema = z.strictObject({
  clientId: z.string(),
  clientSecret: z.string(),
  secretId: z.string(),
  writtenAt: z.iso.datetime(),
});
const fileSchema = z.record(z.string(), entrySchema);

export type Entry = z.output<typeof entrySchema>;
type Entries = ReadonlyMap<string, Entry>;

/** What the file holds, by name; nothing where there is no file yet. */
export async function readSecretFile(path: string): Promise<StoreAnswer<Entries>> {
  const file = await openExisting(path);
  if (file === null) return { ok: true, value: new Map() };
  try {
    const problem = await problemWith(file, path);
    if (problem !== null) return { ok: false, sentence: problem };
    return parse(await file.readFile("utf8"), path);
  } finally {
    await file.close();
  }
}

/** Replaces the file in one step. It is on the disk when this resolves. For the holder of the lock only. */
export async function writeSecretFile(path: string, entries: Entries): Promise<void> {
  const text = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  await withFileBeside(`${path}.tmp`, text, (beside) => rename(beside, path));
}

/** Writes what would be written, without the secrets and under a name of its own, and takes it away again. */
export async function probeFolderOf(path: string): Promise<void> {
  await withFileBeside(`${path}.probe-${randomUUID()}`, "{}\n", (beside) => rm(beside));
}

/** Null without a file. A link is not followed: a write would replace it and not what it leads to. */
async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function problemWith(file: FileHandle, path: string): Promise<string | null> {
  const status = await file.stat();
  if (!status.isFile()) return `${path} is not a file; name one in SPILLWAY_SECRETS.`;
  if ((status.mode & OTHERS) === 0) return null;
  const mode = (status.mode & 0o777).toString(8).padStart(4, "0");
  return `The file ${path} is open to others (mode ${mode}); close it with \`${shellLine(["chmod", "600", ...argumentWords(path)])}\`.`;
}

function parse(text: string, path: string): StoreAnswer<Entries> {
  const parsed = fileSchema.safeParse(jsonOf(text));
  if (parsed.success) return { ok: true, value: new Map(Object.entries(parsed.data)) };
  const sentence = `The file ${path} is not one of Spillway's secrets; mend it, or name another in SPILLWAY_SECRETS.`;
  return { ok: false, sentence };
}
