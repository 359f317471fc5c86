import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { makePool } from "../doubles/pool/make-pool.ts";
import { withPasswords } from "../doubles/pool/passwords.ts";
import { callRaw } from "./rig.ts";

const MAIN = fileURLToPath(new URL("../doubles/cognito/main.ts", import.meta.url));

async function spawnDouble(...more: string[]): Promise<{ url: string; poolId: string }> {
  const child = spawn(process.execPath, [MAIN, "--users", "150", "--seed", "5", ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill();
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return JSON.parse(line);
}

test("runs as a process that tells where it listens", async () => {
  const told = await spawnDouble("--marker", "markcafe");
  expect(told).toEqual({ url: expect.any(String), poolId: "eu-west-1_Sp1llway5", region: "eu-west-1" });
  const { body } = await callRaw(told.url, {
    operation: "ListUsers",
    body: { UserPoolId: told.poolId, Limit: 1 },
  });
  expect(JSON.stringify(body)).toContain("markcafe");
});

test("serves identity providers with marked secrets when asked to", async () => {
  const told = await spawnDouble("--providers", "--secret-marker", "markcafe");
  const { body } = await callRaw(told.url, {
    operation: "DescribeIdentityProvider",
    body: { UserPoolId: told.poolId, ProviderName: "Google" },
  });
  expect(body).toMatchObject({
    IdentityProvider: { ProviderDetails: { client_secret: expect.stringContaining("markcafe") } },
  });
});

test("gives people passwords when asked to", async () => {
  const { users, clients } = withPasswords(makePool({ users: 150, seed: 5, providers: true }), 5);
  const person = users.find(({ kind }) => kind === "plain");
  const told = await spawnDouble("--providers", "--passwords");
  const { body } = await callRaw(told.url, {
    operation: "InitiateAuth",
    body: {
      ClientId: clients.find(({ name }) => name === "mobile-app")?.id,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: person?.username, PASSWORD: person?.password },
    },
  });
  expect(body).toMatchObject({ AuthenticationResult: { TokenType: "Bearer" } });
});
