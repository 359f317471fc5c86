import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { callRaw } from "./rig.ts";

const MAIN = fileURLToPath(new URL("../doubles/cognito/main.ts", import.meta.url));

test("runs as a process that tells where it listens", async () => {
  const child = spawn(process.execPath, [MAIN, "--users", "150", "--seed", "5", "--marker", "markcafe"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill();
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const told: { url: string; poolId: string } = JSON.parse(line);
  expect(told).toEqual({ url: expect.any(String), poolId: "eu-west-1_Sp1llway5", region: "eu-west-1" });
  const { body } = await callRaw(told.url, {
    operation: "ListUsers",
    body: { UserPoolId: told.poolId, Limit: 1 },
  });
  expect(JSON.stringify(body)).toContain("markcafe");
});
