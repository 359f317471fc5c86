import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vendorOf } from "../../src/destinations/registry.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { runOf } from "../../src/ledger/runs.ts";
import { writeClientsCsv } from "../../src/report/clients-csv.ts";
import { readSetUp } from "../../src/report/set-up.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ENVIRONMENT, ownedMigration, POOL_ID, seedItems } from "./pools.ts";
import { clientOf, type SeededSetUp, seedSetUp } from "./set-ups.ts";

async function csvOf(setUp: SeededSetUp, file: Partial<MigrationFile> = {}, failed: string[] = []) {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, file);
  await seedSetUp(ledger, migration, setUp);
  const objects = failed.map((key) => ({ kind: "application" as const, key, data: {} }));
  await ledger.write((tx) => writePlannedObjects(tx, runOf(migration), "credentials", objects));
  const items = objects.map(({ kind, key }) => ({ kind, key, state: "failed" as const, code: "name_taken" }));
  await seedItems(ledger, migration, "credentials", items);
  const path = join(freshFolder(), "clients.csv");
  const { clients } = await readSetUp(ledger, migration, vendorOf("workos").rules);
  await writeClientsCsv(path, clients, "run");
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

const MACHINE = { flows: ["client_credentials"], callbackUrls: [] };

test("an application names its new client id and what its secret is called in the store", async () => {
  const urls = ["https://a.example.com/1", "https://a.example.com/2"];
  const [header, line] = await csvOf({
    clients: [clientOf("a", { callbackUrls: urls })],
    applications: ["a"],
  });
  expect(header).toBe("cognito_client_id,name,outcome,destination_client_id,secret,redirect_uris,note,mode");
  expect(line).toBe(
    `a,App a,application,client_a,${POOL_ID}/${ENVIRONMENT}/a,${urls.join(" ")},Change client id and client secret and the addresses of the sign-in.,run`,
  );
});

test("a public application has no secret", async () => {
  const [, line] = await csvOf({ clients: [clientOf("a", { isConfidential: false })], applications: ["a"] });
  expect(line).toMatch(/^a,App a,application,client_a,,.*,Change the client id and/);
});

test("the implicit flow has to change", async () => {
  const [, line] = await csvOf({ clients: [clientOf("a", { flows: ["implicit"] })], applications: ["a"] });
  expect(line).toMatch(/code flow with PKCE\.,run$/);
});

test("machines, clients without OAuth and those left behind are told apart", async () => {
  const [, ...lines] = await csvOf(
    {
      clients: [
        clientOf("a", MACHINE),
        clientOf("b", { flows: [] }),
        clientOf("c"),
        clientOf("d", MACHINE),
        clientOf("e"),
      ],
      applications: ["a"],
    },
    { clients: { a: { organization: "acme" }, c: { skip: "retired" } } },
  );
  expect(lines.map((line) => line.split(",")[2])).toEqual([
    "machine",
    "not_needed",
    "left_behind",
    "open",
    "open",
  ]);
  expect(lines[2]).toMatch(/,Left behind: retired,run$/);
  expect(lines[3]).toMatch(/Name its organization/);
  expect(lines[4]).toMatch(/Not made yet\.,run$/);
});

test("an application that the destination refused is failed", async () => {
  const [, line] = await csvOf({ clients: [clientOf("a")] }, {}, ["a"]);
  expect(line).toMatch(/^a,App a,failed,,,.*\(name_taken\): make the application by hand\.,run$/);
});

test("a name that a spreadsheet would calculate becomes text", async () => {
  const [, line] = await csvOf({ clients: [clientOf("a", { name: "=HYPERLINK(1)" })] });
  expect(line).toMatch(/^a,'=HYPERLINK/);
});
