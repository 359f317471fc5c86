import { expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";

const FIRST = "a-shared-secret-of-32-characters";
const NEXT = "the-next-secret-of-32-characters";
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
    triesPerMinute: { account: 10, address: 100 },
    tls: null,
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
    SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "5",
    SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "50",
    SPILLWAY_BRIDGE_TLS_CERT: "/etc/tls/cert.pem",
    SPILLWAY_BRIDGE_TLS_KEY: "/etc/tls/key.pem",
  });
  expect(bridge.secrets.map((secret) => secret.reveal())).toEqual([FIRST, NEXT]);
  expect(bridge.clientSecret?.reveal()).toBe("client-secret");
  expect(bridge).toMatchObject({
    address: "0.0.0.0:443",
    flow: "public",
    routes: ["fusionauth", "descope"],
    triesPerMinute: { account: 5, address: 50 },
    tls: { certPath: "/etc/tls/cert.pem", keyPath: "/etc/tls/key.pem" },
  });
  expect(JSON.stringify(bridge)).not.toMatch(/secret-of|client-secret/);
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
  ["SPILLWAY_BRIDGE_USER_POOL", "AbCdEfGhI", 'must be a user pool id such as "eu-west-1_AbCdEfGhI"'],
  ["SPILLWAY_BRIDGE_FLOW", "srp", "must be one of admin, public"],
  ["SPILLWAY_BRIDGE_ROUTES", "sign-in,admin", "must be one of sign-in, fusionauth, password-hook, descope"],
  ["SPILLWAY_BRIDGE_ADDRESS", "8787", "must be host:port, for example 0.0.0.0:9464"],
  ["SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT", "0", "must be a whole number above 0"],
  ["SPILLWAY_BRIDGE_TRIES_PER_ADDRESS", "many", "must be a whole number above 0"],
])("the setting %s = %j is one sentence", (name, value, expected) => {
  const sentence = expect.stringContaining(expected);
  expect(readSettings({ ...NEEDED, [name]: value })).toEqual({ ok: false, sentence });
  expect(readSettings({ ...NEEDED, [name]: value })).toEqual({
    ok: false,
    sentence: expect.stringContaining(`The setting ${name}`),
  });
});
