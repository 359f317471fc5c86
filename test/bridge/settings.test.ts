import { expect, test } from "vitest";
import { whyNotServed } from "../../src/bridge/settings.ts";
import { readSettings } from "../../src/settings.ts";

const FIRST = "c41f9d07b2e85a36f01d7c94e6b3a258";
const NEXT = "f3a85e1c7d0946b2e9c05b7ad1f2836e";
const NEEDED = {
  SPILLWAY_BRIDGE_SECRETS: FIRST,
  SPILLWAY_BRIDGE_USER_POOL: "eu-west-1_AbCdEfGhI",
  SPILLWAY_BRIDGE_CLIENT_ID: "1client",
};

function bridgeOf(environment: Record<string, string>) {
  const settings = readSettings(environment);
  if (!settings.ok) throw new Error(settings.sentence);
  if (!settings.value.bridge.ok) throw new Error(settings.value.bridge.sentence);
  return settings.value.bridge.value;
}

test("three settings are needed, the others are safe", () => {
  const { secrets, ...others } = bridgeOf(NEEDED);
  expect(secrets.map((secret) => secret.reveal())).toEqual([FIRST]);
  expect(others).toEqual({
    address: "127.0.0.1:8787",
    userPoolId: "eu-west-1_AbCdEfGhI",
    region: "eu-west-1",
    clientId: "1client",
    clientSecret: null,
    flow: "admin",
    routes: ["sign-in"],
    changedAccounts: "reset",
    triesPerMinute: { account: 10, address: 100 },
    forgottenPerAddressAnHour: 10,
    mailsPerDay: 1_000,
    refusalMs: 1_500,
    tls: null,
    isBehindTls: false,
  });
});

test("every setting is read, and shows no secret", () => {
  const bridge = bridgeOf({
    ...NEEDED,
    SPILLWAY_BRIDGE_SECRETS: `${FIRST}, ${NEXT}`,
    SPILLWAY_BRIDGE_ADDRESS: "0.0.0.0:443",
    SPILLWAY_BRIDGE_CLIENT_SECRET: "client-secret",
    SPILLWAY_BRIDGE_FLOW: "public",
    SPILLWAY_BRIDGE_ROUTES: "fusionauth,descope",
    SPILLWAY_BRIDGE_CHANGED_ACCOUNTS: "move",
    SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "5",
    SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "50",
    SPILLWAY_BRIDGE_FORGOTTEN_PER_ADDRESS: "7",
    SPILLWAY_BRIDGE_MAILS_PER_DAY: "300",
    SPILLWAY_BRIDGE_REFUSAL_MS: "2500",
    SPILLWAY_BRIDGE_TLS: "proxy",
    SPILLWAY_BRIDGE_TLS_CERT: "/etc/tls/cert.pem",
    SPILLWAY_BRIDGE_TLS_KEY: "/etc/tls/key.pem",
  });
  expect(bridge.secrets.map((secret) => secret.reveal())).toEqual([FIRST, NEXT]);
  expect(bridge.clientSecret?.reveal()).toBe("client-secret");
  expect(bridge).toMatchObject({
    address: "0.0.0.0:443",
    flow: "public",
    routes: ["fusionauth", "descope"],
    changedAccounts: "move",
    triesPerMinute: { account: 5, address: 50 },
    forgottenPerAddressAnHour: 7,
    mailsPerDay: 300,
    refusalMs: 2_500,
    tls: { certPath: "/etc/tls/cert.pem", keyPath: "/etc/tls/key.pem" },
    isBehindTls: true,
  });
  expect(JSON.stringify(bridge)).not.toMatch(/c41f9d07|f3a85e1c|client-secret/);
});

test.each(Object.keys(NEEDED))("a missing %s is one sentence", (name) => {
  expect(() => bridgeOf({ ...NEEDED, [name]: "" })).toThrow(`The setting ${name} is missing; `);
});

test.each([
  ["SPILLWAY_BRIDGE_TLS_CERT", "SPILLWAY_BRIDGE_TLS_KEY"],
  ["SPILLWAY_BRIDGE_TLS_KEY", "SPILLWAY_BRIDGE_TLS_CERT"],
])("%s alone is half of it", (given, other) => {
  expect(() => bridgeOf({ ...NEEDED, [given]: "/etc/tls.pem" })).toThrow(
    `The setting ${other} is missing; TLS needs both files.`,
  );
});

const TWO = "must be one secret or two with a comma between, of 32 characters at least";
test.each([
  ["SPILLWAY_BRIDGE_SECRETS", "short", TWO],
  ["SPILLWAY_BRIDGE_SECRETS", `${FIRST},${NEXT},${FIRST}`, TWO],
  ["SPILLWAY_BRIDGE_SECRETS", `${FIRST},`, TWO],
  ["SPILLWAY_BRIDGE_SECRETS", "a".repeat(32), "can be guessed"],
  ["SPILLWAY_BRIDGE_SECRETS", `${FIRST},${"changeme".repeat(4)}`, "can be guessed"],
  ["SPILLWAY_BRIDGE_TLS", "own", "must be proxy"],
  ["SPILLWAY_BRIDGE_USER_POOL", "AbCdEfGhI", 'must be a user pool id such as "eu-west-1_AbCdEfGhI"'],
  ["SPILLWAY_BRIDGE_FLOW", "srp", "must be one of admin, public"],
  ["SPILLWAY_BRIDGE_ROUTES", "sign-in,admin", "must be one of sign-in, fusionauth, password-hook, descope"],
  ["SPILLWAY_BRIDGE_CHANGED_ACCOUNTS", "ask", "must be one of reset, move"],
  ["SPILLWAY_BRIDGE_ADDRESS", "8787", "must be host:port, for example 127.0.0.1:8787"],
  ["SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT", "0", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_TRIES_PER_ADDRESS", "many", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_FORGOTTEN_PER_ADDRESS", "-1", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_MAILS_PER_DAY", "0.5", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_REFUSAL_MS", "0", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_REFUSAL_MS", "10001", "must be 10000 at most"],
])("the setting %s = %j is one sentence", (name, value, expected) => {
  const sentence = expect.stringContaining(expected);
  expect(readSettings({ ...NEEDED, [name]: value })).toEqual({ ok: false, sentence });
  expect(readSettings({ ...NEEDED, [name]: value })).toEqual({
    ok: false,
    sentence: expect.stringContaining(`The setting ${name}`),
  });
});

test.each([
  [{}, true],
  [{ SPILLWAY_BRIDGE_ADDRESS: "localhost:8787" }, true],
  [{ SPILLWAY_BRIDGE_ADDRESS: "127.0.0.9:8787" }, true],
  [{ SPILLWAY_BRIDGE_ADDRESS: "0.0.0.0:8787" }, false],
  [{ SPILLWAY_BRIDGE_ADDRESS: "10.1.2.3:8787" }, false],
  [{ SPILLWAY_BRIDGE_ADDRESS: "bridge.internal:8787" }, false],
  [{ SPILLWAY_BRIDGE_ADDRESS: "0.0.0.0:8787", SPILLWAY_BRIDGE_TLS: "proxy" }, true],
  [
    {
      SPILLWAY_BRIDGE_ADDRESS: "0.0.0.0:8787",
      SPILLWAY_BRIDGE_TLS_CERT: "/etc/tls/cert.pem",
      SPILLWAY_BRIDGE_TLS_KEY: "/etc/tls/key.pem",
    },
    true,
  ],
])("passwords never come in clear from other machines: %j", (settings, isServed) => {
  const why = whyNotServed(bridgeOf({ ...NEEDED, ...settings }));
  if (isServed) expect(why).toBeNull();
  else
    expect(why).toMatch(
      /^SPILLWAY_BRIDGE_ADDRESS opens .* without TLS; set .* or SPILLWAY_BRIDGE_TLS=proxy .*\.$/,
    );
});
