import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { authorizationFor, callRaw, type RawCall } from "../cognito/rig.ts";
import { startSecretsManagerDouble } from "../doubles/secrets-manager/double.ts";

const MAIN = fileURLToPath(new URL("../doubles/secrets-manager/main.ts", import.meta.url));
const TOKENS = ["a", "b", "c"].map((letter) => letter.repeat(32));
const [ClientRequestToken = "", otherToken = "", thirdToken = ""] = TOKENS;
const SECRET = { Name: "spillway/a", ClientRequestToken, SecretString: "one" };
const NEXT = { SecretId: "spillway/a", ClientRequestToken: otherToken, SecretString: "two" };

function callTo(url: string, operation: string, body: unknown, headers: RawCall["headers"] = {}) {
  const own = {
    "x-amz-target": `secretsmanager.${operation}`,
    authorization: authorizationFor({ service: "secretsmanager" }),
  };
  return callRaw(url, { operation, body, headers: { ...own, ...headers } });
}

async function start() {
  const double = await startSecretsManagerDouble();
  onTestFinished(() => double.close());
  const call = (operation: string, body: unknown, headers?: RawCall["headers"]) =>
    callTo(double.url, operation, body, headers);
  return { double, call };
}

test.each<[string, RawCall["headers"], string]>([
  ["no signature", { authorization: null }, "MissingAuthenticationTokenException"],
  ["another kind of signature", { authorization: "Bearer x" }, "IncompleteSignatureException"],
  ["another service's scope", { authorization: authorizationFor({}) }, "InvalidSignatureException"],
  ["another content type", { "content-type": "application/json" }, "UnknownOperationException"],
  [
    "an operation that it does not have",
    { "x-amz-target": "secretsmanager.DeleteSecret" },
    "UnknownOperationException",
  ],
])("refuses %s", async (_, headers, type) => {
  const { call } = await start();
  expect(await call("CreateSecret", SECRET, headers)).toMatchObject({ status: 400, type });
});

test.each<[string, object, string]>([
  ["a name with a space", { Name: "two words" }, "InvalidParameterException"],
  ["a name of 513 characters", { Name: "a".repeat(513) }, "InvalidParameterException"],
  ["a short token", { ClientRequestToken: "a".repeat(31) }, "InvalidParameterException"],
  ["a long token", { ClientRequestToken: "a".repeat(65) }, "InvalidParameterException"],
  ["no token", { ClientRequestToken: undefined }, "InvalidRequestException"],
  ["no value", { SecretString: undefined }, "InvalidParameterException"],
  ["a value of more than 65,536 bytes", { SecretString: "é".repeat(32_769) }, "InvalidParameterException"],
  ["an unknown member", { Labels: [] }, "SerializationException"],
  ["a value of another type", { SecretString: 1 }, "SerializationException"],
])("refuses a secret with %s", async (_, changes, type) => {
  const { call, double } = await start();
  expect((await call("CreateSecret", { ...SECRET, ...changes })).type).toBe(type);
  expect(double.secrets.all).toEqual([]);
});

test("the name is taken, but not for the same request", async () => {
  const { call } = await start();
  const first = await call("CreateSecret", SECRET);
  expect(first.body).toMatchObject({ Name: "spillway/a", VersionId: ClientRequestToken });
  expect(await call("CreateSecret", SECRET)).toEqual(first);
  for (const changes of [{ SecretString: "two" }, { ClientRequestToken: otherToken }])
    expect((await call("CreateSecret", { ...SECRET, ...changes })).type).toBe("ResourceExistsException");
});

test("a new version is current, and the one before is the previous one", async () => {
  const { call } = await start();
  await call("CreateSecret", SECRET);
  await call("PutSecretValue", NEXT);
  await call("PutSecretValue", { ...NEXT, ClientRequestToken: thirdToken, SecretString: "three" });
  const valueAt = async (place: object) =>
    (await call("GetSecretValue", { SecretId: "spillway/a", ...place })).body.SecretString;
  expect(await valueAt({})).toBe("three");
  expect(await valueAt({ VersionStage: "AWSPREVIOUS" })).toBe("two");
  expect(await valueAt({ VersionId: ClientRequestToken })).toBe("one");
  const { body } = await call("DescribeSecret", { SecretId: "spillway/a" });
  expect(body.VersionIdsToStages).toEqual({
    [ClientRequestToken]: [],
    [otherToken]: ["AWSPREVIOUS"],
    [thirdToken]: ["AWSCURRENT"],
  });
});

const CURRENT = { SecretId: "spillway/a", VersionStage: "AWSCURRENT" };

test("a version with labels of its own is not current, and AWSCURRENT moves from the version that is named", async () => {
  const { call } = await start();
  await call("CreateSecret", SECRET);
  const staged = await call("PutSecretValue", { ...NEXT, VersionStages: ["mine"] });
  expect(staged.body.VersionStages).toEqual(["mine"]);
  const move = { ...CURRENT, MoveToVersionId: otherToken };
  for (const RemoveFromVersionId of [undefined, otherToken])
    expect((await call("UpdateSecretVersionStage", { ...move, RemoveFromVersionId })).type).toBe(
      "InvalidParameterException",
    );
  const moved = { ...move, RemoveFromVersionId: ClientRequestToken };
  expect((await call("UpdateSecretVersionStage", moved)).status).toBe(200);
  expect((await call("UpdateSecretVersionStage", moved)).type).toBe("InvalidParameterException");
  const { body } = await call("DescribeSecret", { SecretId: "spillway/a" });
  expect(body.VersionIdsToStages).toEqual({
    [ClientRequestToken]: ["AWSPREVIOUS"],
    [otherToken]: ["mine", "AWSCURRENT"],
  });
});

test("a label is on one version, and is taken away from the one that is named", async () => {
  const { call } = await start();
  await call("CreateSecret", SECRET);
  await call("PutSecretValue", { ...NEXT, VersionStages: ["mine"] });
  await call("PutSecretValue", { ...NEXT, ClientRequestToken: thirdToken, VersionStages: ["mine"] });
  const away = { SecretId: "spillway/a", VersionStage: "mine", RemoveFromVersionId: thirdToken };
  expect((await call("UpdateSecretVersionStage", away)).status).toBe(200);
  const { body } = await call("DescribeSecret", { SecretId: "spillway/a" });
  expect(body.VersionIdsToStages).toEqual({
    [ClientRequestToken]: ["AWSCURRENT"],
    [otherToken]: [],
    [thirdToken]: [],
  });
});

test("a repeated version does nothing, a changed one is refused", async () => {
  const { call, double } = await start();
  await call("CreateSecret", SECRET);
  const first = await call("PutSecretValue", NEXT);
  expect(await call("PutSecretValue", NEXT)).toEqual(first);
  const { type } = await call("PutSecretValue", { ...NEXT, SecretString: "other" });
  expect(type).toBe("ResourceExistsException");
  expect(double.secrets.all[0]?.versions.size).toBe(2);
});

test("a secret is found by name and by ARN, in its own region only", async () => {
  const { call } = await start();
  const { body } = await call("CreateSecret", SECRET);
  const elsewhere = { authorization: authorizationFor({ service: "secretsmanager", region: "us-east-1" }) };
  for (const SecretId of [body.ARN, body.Name]) {
    expect((await call("DescribeSecret", { SecretId })).body.Name).toBe("spillway/a");
    expect((await call("DescribeSecret", { SecretId }, elsewhere)).type).toBe("ResourceNotFoundException");
  }
});

test("tells a deletion that is scheduled", async () => {
  const { call, double } = await start();
  await call("CreateSecret", SECRET);
  expect((await call("DescribeSecret", { SecretId: "spillway/a" })).body.DeletedDate).toBeUndefined();
  double.setOptions({ deleted: ["spillway/a"] });
  expect((await call("DescribeSecret", { SecretId: "spillway/a" })).body.DeletedDate).toEqual(
    expect.any(Number),
  );
  for (const [operation, body] of [
    ["CreateSecret", SECRET],
    ["PutSecretValue", NEXT],
    ["UpdateSecretVersionStage", { ...CURRENT, MoveToVersionId: ClientRequestToken }],
    ["GetSecretValue", { SecretId: "spillway/a" }],
  ] as const)
    expect((await call(operation, body)).type).toBe("InvalidRequestException");
});

test("runs as a process that is steered over HTTP", async () => {
  const child = spawn(process.execPath, [MAIN, "--options", '{"keyDisabled":true}'], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  const { url }: { url: string } = JSON.parse(line);
  expect((await callTo(url, "CreateSecret", SECRET)).type).toBe("EncryptionFailure");
  await fetch(`${url}/__double/options`, { method: "POST", body: '{"keyDisabled":false}' });
  expect((await callTo(url, "CreateSecret", SECRET)).status).toBe(200);
  const state = await fetch(`${url}/__double/state`);
  expect(await state.json()).toMatchObject({
    secrets: [{ name: "spillway/a", versions: [{ text: "one", stages: ["AWSCURRENT"] }] }],
  });
  const journal = await fetch(`${url}/__double/journal`);
  const entry = { operation: "CreateSecret", key: "spillway/a" };
  expect(await journal.json()).toMatchObject([
    { ...entry, status: 400 },
    { ...entry, status: 200 },
  ]);
});
