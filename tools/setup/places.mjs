import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version that set-up downloads or builds; the same as in tools/temporal/go.mod. */
export const TEMPORAL_VERSION = "1.8.2";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const modules = join(root, "node_modules");

/** Holds the path of the Temporal CLI that set-up found; `npm ci` removes it along with everything else. */
export const temporalRecord = join(modules, ".cache", "spillway", "temporal-path");

/** Shared by every clone on the machine, because building takes minutes. */
export const cachedTemporal = join(homedir(), ".cache", "spillway", `temporal-${TEMPORAL_VERSION}`);

/** What the programs that set-up starts have to say. A package may lie where nobody may write. */
export const setupLog = join(dirname(cachedTemporal), "setup.log");
