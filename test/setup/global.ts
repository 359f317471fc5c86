import type { TestProject } from "vitest/node";
import { freePort } from "./free-port.ts";
import { startPostgres } from "./postgres-server.ts";
import { startTemporal } from "./temporal-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** host:port of the Temporal server that all tests share. */
    temporalAddress: string;
    /** postgres://… of the PostgreSQL server that all tests share; take a database of your own from it. */
    postgresUrl: string;
  }
}

/** Starts the real servers once for the whole run, both at the same time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [temporal, postgres] = await Promise.all([
    startTemporal({ port: await freePort() }),
    startPostgres(),
  ]);
  project.provide("temporalAddress", temporal.address);
  project.provide("postgresUrl", postgres.url);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
  };
}
