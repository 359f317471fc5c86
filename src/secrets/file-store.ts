import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Secret } from "../domain/secret.ts";
import { withFileLock } from "./file-lock.ts";
import { probeFolderOf, readSecretFile, writeSecretFile } from "./secret-file.ts";
import type { SecretStore, StoreAnswer } from "./secret-store.ts";

/** A write lasts milliseconds, also on a slow disk. */
const LOCK_WAIT_MS = 10_000;

/** Secrets in one JSON file, its owner's only: by name `{clientId, clientSecret, secretId, writtenAt}`. */
export function createFileStore(path: string, lockWaitMs = LOCK_WAIT_MS): SecretStore {
  const whileLocked = <T>(work: () => Promise<StoreAnswer<T>>) =>
    explained(path, async () => {
      // Without the folder, the lock's own error would not say what is missing. The slash refuses a file.
      await stat(`${dirname(path)}/`);
      return withFileLock(`${path}.lock`, lockWaitMs, work);
    });

  return {
    place: `the file ${path}`,

    check: () =>
      whileLocked(async () => {
        const read = await readSecretFile(path);
        if (!read.ok) return read;
        await probeFolderOf(path);
        return { ok: true, value: null };
      }),

    put: (name, { clientId, clientSecret, secretId }, over) =>
      whileLocked(async () => {
        const read = await readSecretFile(path);
        if (!read.ok) return read;
        if ((read.value.get(name)?.secretId ?? null) !== over) return { ok: true, value: "overtaken" };
        const writtenAt = new Date().toISOString();
        const entry = { clientId, clientSecret: clientSecret.reveal(), secretId, writtenAt };
        await writeSecretFile(path, new Map([...read.value, [name, entry]]));
        return { ok: true, value: "kept" };
      }),

    get: (name) =>
      explained(path, async () => {
        const read = await readSecretFile(path);
        if (!read.ok) return read;
        const entry = read.value.get(name);
        if (entry === undefined) return { ok: true, value: null };
        const { clientId, clientSecret, secretId } = entry;
        return { ok: true, value: { clientId, clientSecret: new Secret(clientSecret), secretId } };
      }),
  };
}

/** What the file system refuses, as a sentence; throws what is no answer of the file system. */
async function explained<T>(path: string, work: () => Promise<StoreAnswer<T>>): Promise<StoreAnswer<T>> {
  try {
    return await work();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    return { ok: false, sentence: sentenceOf(code, path) };
  }
}

/** Node's codes of system errors are capitals, such as ENOSPC; those that begin with ERR_ are its own. */
function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return null;
  return /^E(?!RR_)[A-Z0-9]+$/.test(error.code) ? error.code : null;
}

function sentenceOf(code: string, path: string): string {
  switch (code) {
    case "ENOENT":
      return `There is no folder ${dirname(path)} for the secrets; make it, or check SPILLWAY_SECRETS.`;
    case "ELOOP":
      return `${path} is a link; name the file itself in SPILLWAY_SECRETS.`;
    case "ENOSPC":
      return `There is no room for the secrets in ${path}; make room on its disk.`;
    default:
      return `The secrets in ${path} cannot be read or written (${code}); check SPILLWAY_SECRETS and the permissions.`;
  }
}
