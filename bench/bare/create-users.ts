import { parseArgs } from "node:util";
import { createClient } from "../../src/destinations/workos/client.ts";
import { toCreateOptions } from "../../src/destinations/workos/mapping.ts";
import { toRecord } from "../../src/plan/record.ts";
import { plainPool } from "../../test/doubles/pool/make-pool.ts";
import { ATTRIBUTES } from "../lib/attributes.ts";

/** What the SDK alone can do: the calls of the users phase, as many in flight, and nothing else. */

const CALL_TIMEOUT_MS = 10_000;

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    key: { type: "string", default: "" },
    "client-id": { type: "string", default: "" },
    users: { type: "string", default: "0" },
    "in-flight": { type: "string", default: "1" },
  },
});

const settings = { apiUrl: values.url, apiKey: values.key, clientId: values["client-id"] };
const { userManagement } = createClient(settings, CALL_TIMEOUT_MS);
const { users } = plainPool({ users: Number(values.users) });
const calls = users
  .map(({ sub, attributes }) => toCreateOptions(toRecord(sub, attributes, ATTRIBUTES)))
  .values();

async function createInTurn(): Promise<void> {
  for (const call of calls) await userManagement.createUser(call);
}

const startMs = performance.now();
await Promise.all(Array.from({ length: Number(values["in-flight"]) }, createInTurn));
console.log(JSON.stringify({ elapsedMs: performance.now() - startMs, users: users.length }));
