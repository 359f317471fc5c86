import { defineConfig } from "vitest/config";

const LONG = "test/**/*.long.test.ts";
const limits = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Two stages: `npm test` runs the first, `npm run test:long` the second. A file's name says which one it is in. */
export default defineConfig({
  test: {
    globalSetup: "test/setup/global.ts",
    pool: "forks",
    fileParallelism: true,
    maxWorkers: 2,
    projects: [
      { test: { name: "short", include: ["test/**/*.test.ts"], exclude: [LONG], ...limits } },
      { test: { name: "long", include: [LONG], ...limits } },
    ],
  },
});
