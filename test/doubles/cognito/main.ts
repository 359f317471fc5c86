/** The Cognito double as a process; prints one line of JSON when it listens: `{"url","poolId","region"}`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { makePool, plainPool } from "../pool/make-pool.ts";
import { withPasswords } from "../pool/passwords.ts";
import { type Pool, poolOf } from "../pool/pool.ts";
import { startCognitoDouble } from "./double.ts";
import { optionsSchema } from "./options.ts";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    /** A pool as JSON, instead of a generated one. */
    "pool-file": { type: "string" },
    /** Confirmed, verified, native users only. */
    plain: { type: "boolean", default: false },
    port: { type: "string", default: "0" },
    /** Stands in every value of every user. */
    marker: { type: "string" },
    /** Identity providers, app clients and a resource server as well. */
    providers: { type: "boolean", default: false },
    /** A password for each native, confirmed user. */
    passwords: { type: "boolean", default: false },
    /** Begins every secret of a provider or an app client. */
    "secret-marker": { type: "string" },
    options: { type: "string", default: "{}" },
  },
});

const pool = values["pool-file"] === undefined ? generatedPool() : poolFrom(values["pool-file"]);
const double = await startCognitoDouble({
  pool,
  port: Number(values.port),
  options: optionsSchema.parse(JSON.parse(values.options)),
});
console.log(JSON.stringify({ url: double.url, poolId: pool.poolId, region: pool.region }));

function generatedPool(): Pool {
  const { marker, providers, "secret-marker": secretMarker } = values;
  const make = values.plain ? plainPool : makePool;
  const seed = Number(values.seed);
  const made = make({
    users: Number(values.users),
    seed,
    providers,
    ...(marker !== undefined && { marker: () => marker }),
    ...(secretMarker !== undefined && { secretMarker: () => secretMarker }),
  });
  return values.passwords ? withPasswords(made, seed) : made;
}

function poolFrom(path: string): Pool {
  // Test material that the one who starts the double wrote; its shape is `Pool`, where all but `users` may be missing.
  const parts = JSON.parse(readFileSync(path, "utf8")) as Partial<Pool> & Pick<Pool, "users">;
  return poolOf(parts);
}
