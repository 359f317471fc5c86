import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { startBridgeProcess } from "./bridge-process.ts";
import { SECRET } from "./rig.ts";

const run = promisify(execFile);

const NEEDED = {
  SPILLWAY_BRIDGE_SECRETS: SECRET,
  SPILLWAY_BRIDGE_USER_POOL: "eu-west-1_AbCdEfGhI",
  SPILLWAY_BRIDGE_CLIENT_ID: "client",
  WORKOS_API_KEY: "sk_test_1",
  WORKOS_CLIENT_ID: "client_01",
};

/** Nobody listens on it. */
const NOWHERE = "http://127.0.0.1:1";

const OWN_MAILS = { SPILLWAY_MAIL: "smtp://127.0.0.1:1", SPILLWAY_MAIL_FROM: "hello@example.com" };

test.each([
  [{ SPILLWAY_BRIDGE_ADDRESS: "0.0.0.0:0" }, /^SPILLWAY_BRIDGE_ADDRESS opens 0\.0\.0\.0:0 [^\n]*\.\n$/],
  [{ SPILLWAY_BRIDGE_SECRETS: "a".repeat(32) }, /^The setting SPILLWAY_BRIDGE_SECRETS can be [^\n]*\.\n$/],
  [{ SPILLWAY_BRIDGE_SECRETS: "short" }, /^The setting SPILLWAY_BRIDGE_SECRETS must be [^\n]*\.\n$/],
  [{ WORKOS_API_URL: "http://workos.example.com" }, /^The setting WORKOS_API_URL must be [^\n]*\.\n$/],
  [
    { SPILLWAY_BRIDGE_ROUTES: "sign-in,password-hook,descope" },
    /^SPILLWAY_BRIDGE_ROUTES names password-hook, descope, [^\n]* WorkOS; [^\n]*sign-in[^\n]*\.\n$/,
  ],
  [
    { SPILLWAY_BRIDGE_ADRESS: "127.0.0.1:0" },
    /^There is no setting SPILLWAY_BRIDGE_ADRESS; the nearest one is SPILLWAY_BRIDGE_ADDRESS: [^\n]*\.\n$/,
  ],
  [{ AWS_ENDPOINT_URL: "http://aws.example.com" }, /^The setting AWS_ENDPOINT_URL must be [^\n]*\.\n$/],
  [{ ...OWN_MAILS, SPILLWAY_MAIL_TEMPLATE: "/nowhere.txt" }, /^The mail template \/nowhere\.txt [^\n]*\.\n$/],
  // The first line of no mail.
  [{ ...OWN_MAILS, SPILLWAY_MAIL_TEMPLATE: "package.json" }, /^The mail template package\.json [^\n]*\.\n$/],
])("a bridge that would put passwords or people at risk says so and ends: %j", async (settings, sentence) => {
  const ledger = join(freshFolder(), "ledger.db");
  const started = run(process.execPath, ["src/bridge.ts"], {
    env: { ...process.env, SPILLWAY_LEDGER: `sqlite:${ledger}`, ...NEEDED, ...settings },
  });
  await expect(started).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(sentence),
  });
  expect(existsSync(ledger)).toBe(false);
});

test("a bridge of a ledger that holds no run of its pool says so when it starts", async () => {
  const { toldAtStart } = await startBridgeProcess({
    SPILLWAY_LEDGER: `sqlite:${join(freshFolder(), "ledger.db")}`,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: NOWHERE,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    WORKOS_API_URL: NOWHERE,
    ...NEEDED,
  });
  expect(toldAtStart).toContain("no_migration");
});
