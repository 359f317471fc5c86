import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { Secret } from "../domain/secret.ts";
import { withFileLock } from "./file-lock.ts";
import { probeFolderOf, readSecretFile, writeSecretFile } from "./secret-file.ts";
import type { SecretStore, StoreAnswer, StoreProblem } from "./secret-store.ts";

/** A write lasts milliseconds, also on a slow disk. */
const LOCK_WAIT_MS = 10_000;

/** Secrets in one JSON file, its owner's only: by name `{clientId, clientSecret, secretId, writtenAt}`. */
export function createFileStore(path: string, lockWaitMs = LOCK_WAIT_MS): SecretStore {
  const lock = `${path}.lock`;
  const inFolder = <T>(work: () => Promise<StoreAnswer<T>>) =>
    explained(path, async () => ((await hasFolder(path)) ? work() : noFolder(path)));
  const whileLocked = <T>(work: () => Promise<StoreAnswer<T>>) =>
    inFolder(() => withFileLock(lock, lockWaitMs, work));

  return {
    place: `the file ${path}`,

    check: () =>
      inFolder(async () => {
        const probe = async (): Promise<StoreAnswer<null>> => {
          const read = await readSecretFile(path);
          if (!read.ok) return read;
          await probeFolderOf(path);
          return { ok: true, value: null };
        };
        // A lock that is not there is not left there, and can be made where the probe can.
        return existsSync(lock) ? withFileLock(lock, lockWaitMs, probe) : probe();
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

/** False without one. The slash refuses a file. */
async function hasFolder(path: string): Promise<boolean> {
  try {
    await stat(`${dirname(path)}/`);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function noFolder(path: string): StoreProblem {
  const sentence = `There is no folder ${dirname(path)} for the secrets; make it, or check SPILLWAY_SECRETS.`;
  return { ok: false, sentence };
}

function sentenceOf(code: string, path: string): string {
  switch (code) {
    case "ELOOP":
      return `${path} is a link; name the file itself in SPILLWAY_SECRETS.`;
    case "ENOSPC":
      return `There is no room for the secrets in ${path}; make room on its disk.`;
    default:
      return `The secrets in ${path} cannot be read or written: ${fileTrouble(code)}; check SPILLWAY_SECRETS.`;
  }
}
