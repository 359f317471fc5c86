import { defineConfig } from "vitest/config";
import { cacheFolder } from "./src/cache-folder.ts";
import { LongestFirst } from "./test/setup/longest-first.ts";

const LONG = "test/**/*.long.test.ts";
/** A poll waits as long as a test may take: a slow machine is no failure. */
const limits = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

// Processes of tests find on disk what Node made of the packages.
const compiled = cacheFolder("compiled");
if (compiled !== null) process.env.NODE_COMPILE_CACHE ??= compiled;

/** Two stages: `npm test` runs the first, `npm run test:long` the second. A file's name says which one it is in. */
export default defineConfig({
  test: {
    globalSetup: "test/setup/global.ts",
    pool: "forks",
    fileParallelism: true,
    // Of two cores: tests of runs wait for servers and timers a third of their time.
    maxWorkers: 3,
    // Workers inside of a test run their workflows in its own thread; those of the program have threads for them.
    env: { TEMPORAL_DEBUG: "1" },
    sequence: { sequencer: LongestFirst },
    projects: [
      // One process runs many files: starting one for each would take longer than most of them.
      { test: { name: "short", include: ["test/**/*.test.ts"], exclude: [LONG], isolate: false, ...limits } },
      { test: { name: "long", include: [LONG], ...limits } },
    ],
  },
});
