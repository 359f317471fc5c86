import { enableCompileCache } from "node:module";
import { cacheFolder } from "./cache-folder.ts";

/**
 * What Node made of the sources is kept on disk, for the threads as well: a program that comes back after a crash is
 * there sooner, and tens of megabytes smaller. Where no folder is ours alone to write there is no cache, unless the
 * operator named one. Imported before anything else; what should profit is imported dynamically, after it.
 */
const folder = process.env.NODE_COMPILE_CACHE ?? cacheFolder("compiled");
// Without a folder Node would take one of its own, among everybody's.
if (folder !== null) {
  process.env.NODE_COMPILE_CACHE = folder;
  enableCompileCache();
}
