import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * What Node made of the sources is kept on disk, for the threads as well: a worker that comes back after a crash is
 * there sooner, and tens of megabytes smaller. Where nothing can be written there is no cache.
 */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../node_modules/.cache/spillway/compiled");
enableCompileCache();

const { wrongUse } = await import("./exit.ts");
const { readSettings } = await import("./settings.ts");
const { runWorker } = await import("./temporal/run-worker.ts");

const settings = readSettings();
if (!settings.ok) wrongUse(settings.sentence);
else await runWorker(settings.value).catch(wrongUse);
