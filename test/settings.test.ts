import { expect, test } from "vitest";
import { register, VENDORS } from "../src/destinations/registry.ts";
import { GUESSABLE } from "../src/domain/guessable.ts";
import { destinationSettings, PASSED_THROUGH, readSettings, SETTING_NAMES } from "../src/settings.ts";
import { bulk } from "./doubles/bulk/vendors.ts";

const WORKOS = { WORKOS_API_KEY: "sk_test_1", WORKOS_CLIENT_ID: "client_01" };

test("an empty environment has safe defaults", () => {
  expect(readSettings({})).toEqual({
    ok: true,
    value: {
      ledgerUrl: "sqlite:spillway.db",
      taskQueue: "spillway",
      namedTaskQueue: null,
      metricsAddress: null,
      alertWebhook: null,
      secrets: { kind: "file", path: "spillway-secrets.json" },
      mail: null,
      logLevel: "info",
      vendors: VENDORS,
      destinations: new Map([["workos", { ok: false, sentence: expect.stringContaining("WORKOS_API_KEY") }]]),
      bridge: { ok: false, sentence: expect.stringContaining("SPILLWAY_BRIDGE_SECRETS") },
    },
  });
});

test("every setting is read", () => {
  expect(
    readSettings({
      ...WORKOS,
      SPILLWAY_LEDGER: "postgres://spillway:secret@db.internal:5432/ledger",
      SPILLWAY_TASK_QUEUE: "pilot",
      SPILLWAY_METRICS_ADDRESS: "0.0.0.0:9464",
      SPILLWAY_ALERT_WEBHOOK: "https://hooks.example.com/spillway",
      SPILLWAY_SECRETS: "aws-secrets-manager:spillway/",
      SPILLWAY_MAIL: "smtp://user:password@mail.example.com",
      SPILLWAY_MAIL_FROM: "accounts@example.com",
      LOG_LEVEL: "debug",
      WORKOS_API_URL: "http://127.0.0.1:4100",
      PATH: "/usr/bin",
    }),
  ).toEqual({
    ok: true,
    value: {
      ledgerUrl: "postgres://spillway:secret@db.internal:5432/ledger",
      taskQueue: "pilot",
      namedTaskQueue: "pilot",
      metricsAddress: "0.0.0.0:9464",
      alertWebhook: "https://hooks.example.com/spillway",
      secrets: { kind: "aws-secrets-manager", prefix: "spillway/" },
      mail: expect.objectContaining({ kind: "smtp", host: "mail.example.com", port: 587 }),
      logLevel: "debug",
      vendors: VENDORS,
      destinations: new Map([
        ["workos", { ok: true, value: expect.objectContaining({ environment: "client_01", isLive: false }) }],
      ]),
      bridge: { ok: false, sentence: expect.stringContaining("SPILLWAY_BRIDGE_SECRETS") },
    },
  });
});

const PLAIN_HTTP = "must be https://, as keys and passwords go there; http:// is for this machine only";
const SECRETS =
  "must be file:<path> or aws-secrets-manager:<prefix>, for example aws-secrets-manager:spillway/";
const PREFIX = "must have a prefix of letters, digits and /_+=.@- only, at most 328 characters";

test.each([
  ["SPILLWAY_LEDGER", "spillway.db", "must be sqlite:<path> or postgres://user:password@host/database"],
  ["SPILLWAY_LEDGER", "sqlite:", "must be sqlite:<path> or postgres://user:password@host/database"],
  ["SPILLWAY_METRICS_ADDRESS", "9464", "must be host:port, for example 0.0.0.0:9464"],
  ["SPILLWAY_METRICS_ADDRESS", "localhost:99999", "must be host:port, for example 0.0.0.0:9464"],
  ["SPILLWAY_ALERT_WEBHOOK", "hooks.example.com", "must be an http:// or https:// address"],
  ["SPILLWAY_ALERT_WEBHOOK", "ftp://hooks.example.com", "must be an http:// or https:// address"],
  ["SPILLWAY_ALERT_WEBHOOK", "https://ada:secret@hooks.example.com", "must name no user and no password"],
  ["WORKOS_API_URL", "https://ada:secret@workos.example.com", "must name no user and no password"],
  ["WORKOS_API_URL", "api.workos.com", "must be an http:// or https:// address"],
  ["SPILLWAY_SECRETS", "spillway-secrets.json", SECRETS],
  ["SPILLWAY_SECRETS", "file:", SECRETS],
  ["SPILLWAY_SECRETS", "aws-secrets-manager:", SECRETS],
  ["SPILLWAY_SECRETS", "vault:spillway/", SECRETS],
  ["SPILLWAY_SECRETS", "aws-secrets-manager:two words/", PREFIX],
  ["SPILLWAY_SECRETS", "aws-secrets-manager:émigré/", PREFIX],
  ["SPILLWAY_SECRETS", `aws-secrets-manager:${"a".repeat(329)}`, PREFIX],
  ["TEMPORAL_ADDRESS", "garbage", "must be host:port, for example localhost:7233"],
  ["TEMPORAL_ADDRESS", "localhost:99999", "must be host:port, for example localhost:7233"],
  ["SPILLWAY_TASK_QUEUE", "  ", "must not be blank"],
  ["WORKOS_API_KEY", " ", "must not be blank"],
  ["WORKOS_API_URL", "http://workos.example.com", PLAIN_HTTP],
  ["WORKOS_API_URL", "http://localhost.example.com:4100", PLAIN_HTTP],
  ["WORKOS_API_URL", "http://0.0.0.0:4100", PLAIN_HTTP],
  ["AWS_ENDPOINT_URL", "http://vpce.example.com", PLAIN_HTTP],
  ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://10.0.0.7:9229", PLAIN_HTTP],
  ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://secrets.internal", PLAIN_HTTP],
  ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "secrets.internal", "must be an http:// or https:// address"],
  ["SPILLWAY_MAIL_SECRET", "changeme".repeat(4), GUESSABLE],
  ["SPILLWAY_BRIDGE_SECRETS", "a".repeat(32), GUESSABLE],
  ["WORKOS_API_URL", "https://x/y", "must be an address without a path, for example https://api.workos.com"],
  ["LOG_LEVEL", "loud", "must be one of debug, info, warn, error"],
])("the setting %s = %j is one sentence", (name, value, expected) => {
  expect(readSettings({ [name]: value })).toEqual({
    ok: false,
    sentence: `The setting ${name} ${expected}.`,
  });
});

test.each([
  ["file:/var/lib/spillway/secrets.json", { kind: "file", path: "/var/lib/spillway/secrets.json" }],
  ["aws-secrets-manager:Team_1/a+b=c.d@e-", { kind: "aws-secrets-manager", prefix: "Team_1/a+b=c.d@e-" }],
  [`aws-secrets-manager:${"a".repeat(328)}`, { kind: "aws-secrets-manager", prefix: "a".repeat(328) }],
])("secrets may go to %s", (value, secrets) => {
  expect(readSettings({ SPILLWAY_SECRETS: value })).toMatchObject({ ok: true, value: { secrets } });
});

test.each(["WORKOS_API_KEY", "WORKOS_CLIENT_ID"])("a missing %s is named with its source", (name) => {
  const read = readSettings({ ...WORKOS, [name]: undefined });
  expect(read.ok && destinationSettings(read.value, "workos")).toEqual({
    ok: false,
    sentence: expect.stringMatching(new RegExp(`^The setting ${name} is missing; copy [^.]*\\.$`)),
  });
});

test("all that are missing are named at once", () => {
  const read = readSettings({});
  expect(read.ok && destinationSettings(read.value, "workos")).toEqual({
    ok: false,
    sentence:
      "These settings are missing: WORKOS_API_KEY (copy the API key from the WorkOS dashboard), WORKOS_CLIENT_ID (copy the client id from the WorkOS dashboard).",
  });
  expect(read.ok && read.value.bridge).toEqual({
    ok: false,
    sentence: expect.stringMatching(
      /^These settings are missing: SPILLWAY_BRIDGE_SECRETS \(.*\), SPILLWAY_BRIDGE_USER_POOL \(.*\), SPILLWAY_BRIDGE_CLIENT_ID \(.*\)\.$/,
    ),
  });
});

test.each([
  ["SPILLWAY_BRIDGE_ADRESS", "SPILLWAY_BRIDGE_ADDRESS"],
  ["SPILLWAY_BRIDGE_SECRET", "SPILLWAY_BRIDGE_SECRETS"],
  ["SPILLWAY_BRIDGE_MAIL_PER_DAY", "SPILLWAY_BRIDGE_MAILS_PER_DAY"],
  ["SPILLWAY_LEGDER", "SPILLWAY_LEDGER"],
  ["SPILLWAY_MAILFORM", "SPILLWAY_MAIL_FROM"],
])("a setting that nobody reads, %s, is one sentence that names %s", (name, nearest) => {
  expect(readSettings({ [name]: "x" })).toEqual({
    ok: false,
    sentence: `There is no setting ${name}; the nearest one is ${nearest}: rename it, or unset it.`,
  });
});

test.each(["SPILLWAY_MODE", "SPILLWAY_HOME", "SPILLWAY_HISTORIES", "SPILLWAY_IMAGE_TAG"])(
  "a name that is like none of ours, %s, is somebody else's setting",
  (name) => {
    expect(readSettings({ [name]: "x" })).toEqual(readSettings({}));
  },
);

test.each([
  "SPILLWAY",
  "SPILLWAY_BRIDGE",
  "SPILLWAY_METRICS",
  "SPILLWAY_SERVICE",
  "SPILLWAY_BRIDGE_SERVICE",
  "SPILLWAY_BRIDGE_PORT",
  "SPILLWAY_BRIDGE_ADDRESS",
])("what Kubernetes tells of a service %s is no setting", (service) => {
  const told = {
    [`${service}_SERVICE_HOST`]: "10.0.0.11",
    [`${service}_SERVICE_PORT`]: "8787",
    [`${service}_SERVICE_PORT_HTTP`]: "8787",
    [`${service}_PORT`]: "tcp://10.0.0.11:8787",
    [`${service}_PORT_8787_TCP`]: "tcp://10.0.0.11:8787",
    [`${service}_PORT_8787_TCP_ADDR`]: "10.0.0.11",
  };
  expect(readSettings(told)).toEqual(readSettings({}));
});

test("what Docker tells of a linked container is no setting", () => {
  const told = { SPILLWAY_NAME: "/app/spillway", SPILLWAY_ENV_NODE_VERSION: "24" };
  expect(readSettings({ ...told, SPILLWAY_PORT: "tcp://172.17.0.5:8787" })).toEqual(readSettings({}));
});

test("an empty variable counts as not set", () => {
  const names = [...SETTING_NAMES].map((name) => [name, ""]);
  expect(readSettings(Object.fromEntries(names))).toEqual(readSettings({}));
});

test("no setting is both ours and passed through", () => {
  expect(SETTING_NAMES.filter((name) => PASSED_THROUGH.includes(name))).toEqual([]);
});

test("a worker knows the vendors that it was given, and says so of any other", () => {
  const read = readSettings({ ...WORKOS, BULK_URL: "http://127.0.0.1:4300" }, [...VENDORS, register(bulk)]);
  if (!read.ok) throw new Error(read.sentence);
  expect(destinationSettings(read.value, "bulk")).toMatchObject({
    ok: true,
    value: { environment: "127.0.0.1:4300" },
  });
  expect(destinationSettings(read.value, "workos")).toMatchObject({ ok: true });
  expect(destinationSettings(read.value, "nowhere")).toEqual({
    ok: false,
    sentence: "This version knows no destination nowhere.",
  });
});
