import { once } from "node:events";
import { Secret } from "../../src/domain/secret.ts";
import { withFileLock } from "../../src/secrets/file-lock.ts";
import { createFileStore } from "../../src/secrets/file-store.ts";

/** Run by `fork` with a path, a task and a name: a second program on the same file. Says "ready" and waits for a message. */

export type Task = "put" | "hold";

/** Writes `<name>/1` to `<name>/50`. */
async function put(path: string, name: string): Promise<void> {
  const store = createFileStore(path);
  for (let number = 1; number <= 50; number += 1) {
    const clientSecret = new Secret(`secret of ${name} ${number}`);
    const answer = await store.put(`${name}/${number}`, { clientId: "c", clientSecret, secretId: "s" }, null);
    if (!answer.ok) throw new Error(answer.sentence);
  }
}

/** Says "held" and keeps the lock until another message comes, or it is killed. */
async function hold(path: string): Promise<void> {
  await withFileLock(`${path}.lock`, 0, async () => {
    process.send?.("held");
    await once(process, "message");
    return { ok: true, value: null };
  });
}

const [path = "", task, name = ""] = process.argv.slice(2);
process.send?.("ready");
await once(process, "message");
await (task === "hold" ? hold(path) : put(path, name));
process.disconnect?.();
