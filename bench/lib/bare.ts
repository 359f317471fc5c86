import { z } from "zod";
import { jsonOf, startChild } from "./child.ts";
import { type Cognito, startWorkos } from "./doubles.ts";

const answer = z.object({ elapsedMs: z.number(), users: z.number() });

/** Creates the users of the pool at a fresh destination, on request over Spillway's `fetch`; gives how long that took. */
export async function createBare(users: number, inFlight: number, { lean = false } = {}): Promise<number> {
  const workos = await startWorkos({ unlimited: true });
  await using _ = workos.process;
  const args = ["--url", workos.url, "--key", workos.key, "--client-id", workos.clientId];
  args.push("--users", String(users), "--in-flight", String(inFlight));
  if (lean) args.push("--lean");
  await using script = startChild("bench/bare/create-users.ts", { args });
  return elapsed(await jsonOf(script), users);
}

/** Reads the whole pool; gives how long that took. */
export async function listBare(cognito: Cognito, users: number): Promise<number> {
  await using script = startChild("bench/bare/list-users.ts", {
    args: ["--region", cognito.region, "--pool", cognito.poolId],
    environment: {
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url,
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
    },
  });
  return elapsed(await jsonOf(script), users);
}

function elapsed(given: unknown, expectedUsers: number): number {
  const { elapsedMs, users } = answer.parse(given);
  if (users !== expectedUsers)
    throw new Error(`A bare script met ${users} users instead of ${expectedUsers}.`);
  return elapsedMs;
}
