import { join } from "node:path";
import { expect, test } from "vitest";
import { SECRET } from "../bridge/rig.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli, startCli } from "./cli.ts";
import { startRig } from "./rig.ts";

test("the command worker works until it is told to end", async () => {
  const { folder, settings } = await startRig(1);
  const worker = startCli(["worker"], folder, settings);
  await worker.printed("worker started");
  worker.child.kill("SIGTERM");
  expect(await worker.ended).toMatchObject({ code: 0, stderr: "" });
});

test("the command bridge serves until it is told to end", async () => {
  const folder = freshFolder();
  const bridge = startCli(["bridge"], folder, {
    SPILLWAY_LEDGER: `sqlite:${join(folder, "ledger.db")}`,
    SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0",
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: "eu-west-1_AbCdEfGhI",
    SPILLWAY_BRIDGE_CLIENT_ID: "client",
    // Nobody listens on it.
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: "http://127.0.0.1:1",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    WORKOS_API_URL: "http://127.0.0.1:1",
    WORKOS_API_KEY: "sk_test_1",
    WORKOS_CLIENT_ID: "client_01",
  });
  await bridge.printed("bridge started");
  bridge.child.kill("SIGTERM");
  expect(await bridge.ended).toMatchObject({ code: 0, stderr: "" });
});

test.each(["worker", "bridge"])("the command %s says what it lacks", async (command) => {
  const { code, stderr } = await runCli([command], freshFolder());
  expect(stderr).toMatch(/^These settings are missing: \w+ [^\n]+\.\n$/);
  expect(code).toBe(2);
});
