import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * What Node made of the sources is kept on disk, for the threads as well: a program that comes back after a crash is
 * there sooner, and tens of megabytes smaller. Where nothing can be written there is no cache. Imported before anything
 * else; what should profit is imported dynamically, after it.
 */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../node_modules/.cache/spillway/compiled");
enableCompileCache();
