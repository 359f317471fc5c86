import { expect, test } from "vitest";
import { createAwsStore } from "../../src/secrets/aws-store.ts";
import { stubAws } from "../cognito/rig.ts";
import type { Permission } from "../doubles/secrets-manager/options.ts";
import { addVersion } from "../doubles/secrets-manager/secrets.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { until } from "../faults/until.ts";
import {
  type AwsRig,
  DONE,
  expectOnlyOverExpected,
  kept,
  NAME,
  put,
  secretOf,
  shown,
  startAwsRig,
} from "./rig.ts";

const FULL_NAME = `spillway/${NAME}`;
const NO_ANSWER = "check AWS_REGION, AWS's endpoint settings and the network.";

function operations({ double }: AwsRig): string[] {
  return double.journal.entries.map(({ operation }) => operation);
}

/** The texts of all versions of all secrets. */
function texts({ double }: AwsRig): unknown[] {
  return double.secrets.all.flatMap(({ versions }) =>
    [...versions.values()].map(({ text }) => JSON.parse(text)),
  );
}

test("makes a secret that its owner finds", async () => {
  const rig = await startAwsRig();
  expect(await rig.store.put(NAME, kept("s3cret"), null)).toEqual({ ok: true, value: "kept" });
  expect(operations(rig)).toEqual(["GetSecretValue", "CreateSecret"]);
  expect(rig.double.secrets.all).toMatchObject([
    { region: "eu-west-1", name: FULL_NAME, tags: [{ Key: "spillway", Value: "client-secret" }] },
  ]);
  expect(rig.double.secrets.all[0]?.description).toContain("Spillway");
  expect(texts(rig)).toEqual([{ client_id: "client_01", client_secret: "s3cret", secret_id: "secret_01" }]);
});

test("an answer of AWS that is far too long is an outage", async () => {
  const { double, store } = await startAwsRig();
  await put(store, NAME, kept("s3cret"));
  const body = `{}${" ".repeat(17 * 1_024 * 1_024)}`;
  double.faults.add({
    match: { operation: "GetSecretValue" },
    times: 3,
    effect: { kind: "status", status: 200, body },
  });
  expect(await store.get(NAME)).toEqual({ ok: false, sentence: expect.stringContaining(NO_ANSWER) });
  expect(await store.get(NAME)).toMatchObject({ ok: true });
});

test("gives back what was put, and null for other names", async () => {
  const { store } = await startAwsRig();
  await put(store, NAME, kept("s3cret"));
  const secret = { clientId: "client_01", clientSecret: "s3cret", secretId: "secret_01" };
  expect(shown(await store.get(NAME))).toEqual(secret);
  expect(await store.get("pool/other")).toEqual(DONE);
});

test("replaces an earlier secret and keeps its neighbours", async () => {
  const rig = await startAwsRig();
  const { store } = rig;
  for (const name of ["pool/other", NAME]) await put(store, name, kept("old"));
  expect(await put(store, NAME, kept("new"))).toEqual(DONE);
  expect(shown(await store.get(NAME))).toMatchObject({ clientSecret: "new" });
  expect(shown(await store.get("pool/other"))).toMatchObject({ clientSecret: "old" });
  expect(operations(rig).filter((operation) => operation === "CreateSecret")).toHaveLength(2);
});

test("names its place as operators know it", () => {
  expect(createAwsStore("spillway/").place).toBe("AWS Secrets Manager under spillway/");
});

test("a check writes a secret that holds none, again and again", async () => {
  const rig = await startAwsRig();
  expect(await rig.store.check()).toEqual(DONE);
  expect(await rig.store.check()).toEqual(DONE);
  expect(rig.double.secrets.all).toMatchObject([{ name: "spillway/write-check" }]);
  for (const text of texts(rig)) expect(text).toEqual({ written_at: expect.any(String) });
});

test("two stores that make the same secret at once both end well", async () => {
  const rig = await startAwsRig();
  // Both hear that there is no secret yet before either makes it.
  rig.double.faults.add({
    match: { operation: "CreateSecret" },
    times: 2,
    effect: { kind: "delay", ms: 300 },
  });
  const answers = await Promise.all(["one", "two"].map((value) => put(rig.store, NAME, kept(value))));
  expect(answers).toEqual([DONE, DONE]);
  expect(operations(rig).filter((operation) => operation === "CreateSecret")).toHaveLength(2);
  expect(rig.double.secrets.all).toHaveLength(1);
  expect(shown(await rig.store.get(NAME))).toMatchObject({ clientSecret: expect.stringMatching(/one|two/) });
});

test.each(["CreateSecret", "PutSecretValue", "UpdateSecretVersionStage"])(
  "a %s whose answer is lost takes effect once",
  async (operation) => {
    const rig = await startAwsRig();
    if (operation !== "CreateSecret") await put(rig.store, NAME, kept("old"));
    const before = texts(rig).length;
    rig.double.faults.add({ match: { operation }, times: 1, effect: { kind: "reset_after_effect" } });
    expect(await put(rig.store, NAME, kept("new"))).toEqual(DONE);
    expect(texts(rig)).toHaveLength(before + 1);
    expect(shown(await rig.store.get(NAME))).toMatchObject({ clientSecret: "new" });
  },
);

const PASSING: { title: string; effect: Fault["effect"]; code: string; advice: string }[] = [
  {
    title: "throttling",
    effect: {
      kind: "status",
      status: 400,
      body: { __type: "ThrottlingException", message: "Rate exceeded" },
    },
    code: "ThrottlingException",
    advice: "it throttles the account, try again in a while.",
  },
  {
    title: "an internal error",
    effect: { kind: "status", status: 500, body: { __type: "InternalServiceError" } },
    code: "InternalServiceError",
    advice: NO_ANSWER,
  },
  {
    title: "a proxy's page",
    effect: { kind: "status", status: 503, body: "<h1>Bad gateway</h1>" },
    code: "Status503",
    advice: NO_ANSWER,
  },
  { title: "a reset connection", effect: { kind: "reset" }, code: "ECONNRESET", advice: NO_ANSWER },
];

test.for(PASSING)("$title passes within three tries", async ({ effect }) => {
  const rig = await startAwsRig();
  rig.double.faults.add({ match: { operation: "CreateSecret" }, times: 2, effect });
  expect(await put(rig.store, NAME, kept("s3cret"))).toEqual(DONE);
  expect(texts(rig)).toHaveLength(1);
});

test.for(PASSING)("$title that stays is one sentence", async ({ effect, code, advice }) => {
  const rig = await startAwsRig();
  rig.double.faults.add({ match: {}, times: 9, effect });
  const sentence = `AWS Secrets Manager does not answer (${code}); ${advice}`;
  expect(await put(rig.store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  expect(operations(rig)).toHaveLength(3);
});

test("a call without an answer in time is one sentence", async () => {
  const { double, store } = await startAwsRig({}, 100);
  double.faults.add({ match: {}, times: 3, effect: { kind: "hang" } });
  const sentence = `AWS Secrets Manager does not answer (ETIMEDOUT); ${NO_ANSWER}`;
  expect(await store.check()).toEqual({ ok: false, sentence });
});

test.each<[Permission, string, string]>([
  ["PutSecretValue", "PutSecretValue", "secretsmanager:PutSecretValue"],
  ["CreateSecret", "CreateSecret", "secretsmanager:CreateSecret and secretsmanager:TagResource"],
  ["UpdateSecretVersionStage", "UpdateSecretVersionStage", "secretsmanager:UpdateSecretVersionStage"],
  ["GetSecretValue", "GetSecretValue", "secretsmanager:GetSecretValue"],
  ["TagResource", "CreateSecret", "secretsmanager:CreateSecret and secretsmanager:TagResource"],
])("a missing permission %s is named", async (denied, call, permissions) => {
  const { store } = await startAwsRig({ denied: [denied] });
  const sentence = `AWS refuses ${call} for the secret spillway/write-check (AccessDeniedException); allow ${permissions} (docs/security.md).`;
  expect(await store.check()).toEqual({ ok: false, sentence });
});

test("credentials that AWS does not know are one sentence", async () => {
  const { store } = await startAwsRig({ accessKeys: ["AKIDOTHER"] });
  const sentence =
    "AWS Secrets Manager refuses the credentials (UnrecognizedClientException); check them and their account.";
  expect(await store.check()).toEqual({ ok: false, sentence });
});

test("no credentials at all are one sentence", async () => {
  const { double, store } = await startAwsRig();
  stubAws({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
  const sentence = expect.stringMatching(/^There are no AWS credentials; set AWS_PROFILE/);
  expect(await store.check()).toEqual({ ok: false, sentence });
  expect(double.journal.entries).toHaveLength(0);
});

test("a missing region is one sentence", async () => {
  const { double, store } = await startAwsRig();
  stubAws({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
  const sentence = "AWS Secrets Manager needs a region; set AWS_REGION.";
  expect(await store.check()).toEqual({ ok: false, sentence });
  expect(double.journal.entries).toHaveLength(0);
});

test("a secret that is scheduled for deletion is told with what restores it", async () => {
  const { double, store } = await startAwsRig();
  await put(store, NAME, kept("old"));
  double.setOptions({ deleted: [FULL_NAME] });
  const sentence = `The secret ${FULL_NAME} is scheduled for deletion; run \`aws secretsmanager restore-secret --secret-id ${FULL_NAME}\`.`;
  expect(await put(store, NAME, kept("new"))).toEqual({ ok: false, sentence });
  expect(await store.get(NAME)).toEqual({ ok: false, sentence });
});

test.each<[string, { managed?: string[]; deleted?: string[]; denied?: Permission[] }]>([
  ["of another service", { managed: [FULL_NAME] }],
  ["whose deletion may not be looked up", { deleted: [FULL_NAME], denied: ["DescribeSecret"] }],
])("a secret %s is left alone", async (_, options) => {
  const rig = await startAwsRig();
  await put(rig.store, NAME, kept("old"));
  rig.double.setOptions(options);
  expect(await put(rig.store, NAME, kept("new"))).toEqual({
    ok: false,
    sentence: expect.stringMatching(/\(InvalidRequestException\); see in its console/),
  });
  expect(texts(rig)).toHaveLength(1);
});

test("a disabled key is told", async () => {
  const { double, store } = await startAwsRig();
  await put(store, NAME, kept("s3cret"));
  double.setOptions({ keyDisabled: true });
  const sentence = (code: string) =>
    `AWS Secrets Manager cannot use the KMS key of the secret ${FULL_NAME} (${code}); check that the key is enabled.`;
  expect(await store.get(NAME)).toEqual({ ok: false, sentence: sentence("DecryptionFailure") });
  expect(await store.put("another", kept("new"), null)).toMatchObject({
    ok: false,
    sentence: expect.stringContaining("(EncryptionFailure)"),
  });
});

test("any other refusal is told by its name alone", async () => {
  const { double, store } = await startAwsRig();
  const body = { __type: "LimitExceededException", Message: "leak-me" };
  double.faults.add({
    match: { operation: "CreateSecret" },
    times: 1,
    effect: { kind: "status", status: 400, body },
  });
  const sentence = `AWS Secrets Manager refuses CreateSecret for the secret ${FULL_NAME} (LimitExceededException); see this error in its API reference.`;
  expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
});

test.each([
  ["text", { SecretString: "leak-me" }],
  ["JSON", { SecretString: '{"password":"leak-me"}' }],
  ["bytes", { SecretBinary: "bGVhay1tZQ==" }],
])("somebody else's secret of %s is not taken for one of ours", async (_, body) => {
  const { double, store } = await startAwsRig();
  double.faults.add({ match: {}, times: 1, effect: { kind: "status", status: 200, body } });
  const sentence = `The secret ${FULL_NAME} is not one of Spillway's; choose another prefix in SPILLWAY_SECRETS.`;
  expect(await store.get(NAME)).toEqual({ ok: false, sentence });
});

test("a broken answer shows nothing of the secret in it", async () => {
  const { double, store } = await startAwsRig();
  const body = '{"SecretString":"leak-me';
  double.faults.add({ match: {}, times: 3, effect: { kind: "status", status: 200, body } });
  const sentence = `AWS Secrets Manager does not answer (Status200); ${NO_ANSWER}`;
  expect(await store.get(NAME)).toEqual({ ok: false, sentence });
});

test("a secret goes over the one that is expected, and no other", async () => {
  const { store } = await startAwsRig();
  await expectOnlyOverExpected(store);
});

test.each([
  ["CreateSecret", null],
  ["PutSecretValue", "first"],
  ["UpdateSecretVersionStage", "first"],
])("a worker that slept before its %s leaves the secret that was put meanwhile", async (operation, over) => {
  const rig = await startAwsRig();
  const { store, double } = rig;
  if (over !== null) await store.put(NAME, secretOf(over), null);
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  double.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: awake } });
  const sleeping = store.put(NAME, secretOf("removed"), over);
  await until(`${operation} arrives`, () => operations(rig).includes(operation));
  expect(await store.put(NAME, secretOf("living"), over)).toEqual({ ok: true, value: "kept" });
  wake();
  expect(await sleeping).toEqual({ ok: true, value: "overtaken" });
  expect(shown(await store.get(NAME))).toMatchObject({ secretId: "living" });
  // The version that lost has no label, so that AWS deletes it in time.
  const versions = [...(double.secrets.all[0]?.versions.values() ?? [])];
  expect(versions.find(({ text }) => text.includes("removed"))?.stages).toEqual(new Set());
});

test("a value that an operator put in the middle of a write stays", async () => {
  const rig = await startAwsRig();
  const { store, double } = rig;
  await store.put(NAME, secretOf("first"), null);
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  const operation = "UpdateSecretVersionStage";
  double.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: awake } });
  const sleeping = store.put(NAME, secretOf("second"), "first");
  await until("the label is to be moved", () => operations(rig).includes(operation));
  const [secret] = double.secrets.all;
  if (secret === undefined) throw new Error("There is no secret.");
  addVersion(secret, "o".repeat(32), "rotated by hand");
  wake();
  expect(await sleeping).toEqual({ ok: true, value: "overtaken" });
  expect(await store.get(NAME)).toMatchObject({
    ok: false,
    sentence: expect.stringMatching(/not one of Spillway's/),
  });
  expect(secret.versions.get("o".repeat(32))?.stages).toContain("AWSCURRENT");
});

test("a secret that an operator made without a value is filled", async () => {
  const { store, double } = await startAwsRig();
  double.secrets.add({ region: "eu-west-1", name: FULL_NAME, description: undefined, tags: [] });
  expect(await store.put(NAME, secretOf("first"), null)).toEqual({ ok: true, value: "kept" });
  expect(shown(await store.get(NAME))).toMatchObject({ secretId: "first" });
});

test("an error whose name is no word is told by its status, throttling too", async () => {
  const { double, store } = await startAwsRig();
  for (const status of [400, 429]) {
    const body = { __type: "ada@example.com", message: "no" };
    double.faults.replace({ match: {}, times: 9, effect: { kind: "status", status, body } });
    const answer = await store.get(NAME);
    expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining(`Status${status}`) });
    expect(JSON.stringify(answer)).not.toContain("ada");
  }
});
