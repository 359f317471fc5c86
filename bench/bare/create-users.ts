import { parseArgs } from "node:util";
import { WorkOS } from "@workos-inc/node";
import { leanFetch } from "../../src/destinations/lean-fetch.ts";
import { toCreateOptions } from "../../src/destinations/workos/user-calls.ts";
import { toRecord } from "../../src/plan/record.ts";
import { plainPool } from "../../test/doubles/pool/make-pool.ts";
import { ATTRIBUTES } from "../lib/attributes.ts";

/**
 * What the SDK alone can do: the calls of the users phase, as many in flight, and nothing else. As its documentation
 * sets it up, or with `--lean` over the `fetch` that Spillway gives it.
 */

const CALL_TIMEOUT_MS = 10_000;

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    key: { type: "string", default: "" },
    "client-id": { type: "string", default: "" },
    users: { type: "string", default: "0" },
    "in-flight": { type: "string", default: "1" },
    lean: { type: "boolean", default: false },
  },
});

const url = new URL(values.url);
const { userManagement } = new WorkOS(values.key, {
  clientId: values["client-id"],
  apiHostname: url.hostname,
  https: false,
  port: Number(url.port),
  maxRetries: 0,
  timeout: CALL_TIMEOUT_MS,
  ...(values.lean ? { fetchFn: leanFetch } : {}),
});
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
