import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "@temporalio/client";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { freePort } from "./free-port.ts";
import { freshPostgresDatabase } from "./fresh-database.ts";
import { freshFolder } from "./fresh-folder.ts";
import { startTemporal } from "./temporal-server.ts";

async function attributesOf(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: "default",
  });
  await connection.close();
  return Object.keys(customAttributes ?? {});
}

test("the shared Temporal server knows our search attributes", async () => {
  expect(await attributesOf(inject("temporalAddress"))).toEqual(
    expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTE_TYPES)),
  );
});

test("a killed Temporal server starts again from its file", async () => {
  const dbFilename = join(freshFolder(), "temporal.db");
  const port = await freePort();
  const first = await startTemporal({ port, dbFilename });
  await first.kill("SIGKILL");
  const second = await startTemporal({ port, dbFilename });
  expect(second.address).toBe(first.address);
  expect(existsSync(dbFilename)).toBe(true);
  await second.stop();
  await second.stop();
});

test("a Temporal server refuses a port in use", async () => {
  const port = Number(inject("temporalAddress").split(":")[1]);
  await expect(startTemporal({ port })).rejects.toThrow(/EADDRINUSE/);
});

test("a program that may start PostgreSQL keeps its exit code", () => {
  const server = join(import.meta.dirname, "postgres-server.ts");
  const program = `await import(${JSON.stringify(server)}); process.exitCode = 3;`;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program]);
  expect(status).toBe(3);
});

test("each test gets an empty database of its own", async () => {
  const [one, other] = [await freshPostgresDatabase(), await freshPostgresDatabase()];
  expect(one).not.toBe(other);
  const client = new pg.Client({ connectionString: one });
  await client.connect();
  const { rows } = await client.query(
    "SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'",
  );
  await client.end();
  expect(rows).toEqual([{ tables: 0 }]);
});
