import { exportJWK } from "jose";
import { expect, onTestFinished, test, vi } from "vitest";
import { type KeyPair, type KeyServer, keyPair, sign } from "./issuer.ts";
import { cognitoAccess, type Kind, type Rig, rig, session } from "./rig.ts";

interface Side {
  name: string;
  kind: Kind;
  serverOf(made: Rig): KeyServer;
}

const sides: Side[] = [
  { name: "Cognito", kind: cognitoAccess, serverOf: (made) => made.cognitoKeys },
  { name: "WorkOS", kind: session, serverOf: (made) => made.sessionKeys },
];

const nextKey = await keyPair("next");

async function verdict({ verifier }: Rig, kind: Kind, key: KeyPair = kind.key): Promise<string> {
  const answer = await verifier.verify(await sign(kind.claims(), key));
  return answer.ok ? "ok" : answer.reason;
}

/** Lets the clock be moved; nothing waits. */
function clock(): { forward(ms: number): void } {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return { forward: (ms) => vi.setSystemTime(Date.now() + ms) };
}

test.each(sides)("the keys of $name are fetched once for many tokens at once", async ({ kind, serverOf }) => {
  const made = await rig();
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => verdict(made, kind)));
  expect(new Set(verdicts)).toEqual(new Set(["ok"]));
  expect(serverOf(made).calls).toBe(1);
});

test.each(sides)("a new key of $name is found after the cool-down", async ({ kind, serverOf }) => {
  const { forward } = clock();
  const made = await rig();
  expect(await verdict(made, kind)).toBe("ok");
  await serverOf(made).list(kind.key, nextKey);
  forward(31_000);
  expect(await verdict(made, kind, nextKey)).toBe("ok");
  expect(await verdict(made, kind)).toBe("ok");
  expect(serverOf(made).calls).toBe(2);
});

test.each(sides)("made-up key ids reach $name once per cool-down", async ({ kind, serverOf }) => {
  const { forward } = clock();
  const made = await rig();
  expect(await verdict(made, kind)).toBe("ok");
  for (const expected of [1, 2, 3]) {
    const verdicts = [];
    for (let number = 0; number < 20; number += 1)
      verdicts.push(await verdict(made, kind, { ...nextKey, kid: `made-up-${expected}-${number}` }));
    // Of the one that the issuer was asked about it is known, of others not.
    const asked = expected === 1 ? [] : ["unknown_key"];
    expect(verdicts.filter((one) => one === "unknown_key")).toEqual(asked);
    expect(new Set(verdicts.slice(asked.length))).toEqual(new Set(["keys_unavailable"]));
    expect(serverOf(made).calls).toBe(expected);
    forward(31_000);
  }
});

test.each(sides)("made-up key ids let no token of a new key of $name be thrown away", async (side) => {
  const { forward } = clock();
  const made = await rig();
  const { kind } = side;
  expect(await verdict(made, kind)).toBe("ok");
  forward(31_000);
  expect(await verdict(made, kind, { ...nextKey, kid: "made-up" })).toBe("unknown_key");
  await side.serverOf(made).list(kind.key, nextKey);
  expect(await verdict(made, kind, nextKey)).toBe("keys_unavailable");
  expect(await verdict(made, kind, { ...nextKey, kid: "made-up" })).toBe("unknown_key");
  forward(31_000);
  expect(await verdict(made, kind, nextKey)).toBe("ok");
});

test.each(sides)("a key that $name withdrew stays unknown, whatever was fetched since", async (side) => {
  const { forward } = clock();
  const made = await rig();
  const { kind } = side;
  expect(await verdict(made, kind)).toBe("ok");
  await side.serverOf(made).list(nextKey);
  forward(601_000);
  expect(await verdict(made, kind, nextKey)).toBe("ok");
  expect(await verdict(made, kind)).toBe("unknown_key");
});

test.each(sides)("a key that $name withdrew is refused after ten minutes", async ({ kind, serverOf }) => {
  const { forward } = clock();
  const made = await rig();
  expect(await verdict(made, kind)).toBe("ok");
  await serverOf(made).list(nextKey);
  forward(601_000);
  expect(await verdict(made, kind)).toBe("unknown_key");
});

test.each(sides)("keys of $name that were never had are an outage, until they are back", async (side) => {
  const made = await rig({ keys: { cooldownMs: 0 } });
  const server = side.serverOf(made);
  await server.stop();
  expect(await verdict(made, side.kind)).toBe("keys_unavailable");
  await server.start();
  expect(await verdict(made, side.kind)).toBe("ok");
});

test.each(sides)("keys of $name in an answer that is far too long are an outage", async (side) => {
  const made = await rig({ keys: { cooldownMs: 0 } });
  const server = side.serverOf(made);
  const body = `${JSON.stringify({ keys: server.keys })}${" ".repeat(2 * 1_024 * 1_024)}`;
  server.answer = { status: 200, body };
  expect(await verdict(made, side.kind)).toBe("keys_unavailable");
  server.answer = null;
  expect(await verdict(made, side.kind)).toBe("ok");
});

test.each(sides)("an outage of $name is asked about once a second at most", async ({ kind, serverOf }) => {
  const { forward } = clock();
  const made = await rig();
  const server = serverOf(made);
  server.answer = { status: 500, body: "{}" };
  for (const expected of [1, 2]) {
    for (let number = 0; number < 20; number += 1) expect(await verdict(made, kind)).toBe("keys_unavailable");
    expect(server.calls).toBe(expected);
    forward(1_001);
  }
  server.answer = null;
  expect(await verdict(made, kind)).toBe("ok");
});

test.each(sides)("the last keys of $name serve for an hour of its outage, no longer", async (side) => {
  const { forward } = clock();
  const made = await rig();
  expect(await verdict(made, side.kind)).toBe("ok");
  await side.serverOf(made).stop();
  forward(3_500_000);
  expect(await verdict(made, side.kind)).toBe("ok");
  expect(await verdict(made, side.kind, nextKey)).toBe("keys_unavailable");
  forward(200_000);
  expect(await verdict(made, side.kind)).toBe("keys_unavailable");
  await side.serverOf(made).start();
  forward(1_001);
  expect(await verdict(made, side.kind)).toBe("ok");
});

test.each([
  { name: "no JSON", status: 200, body: "<html>" },
  { name: "no key set", status: 200, body: '{"keys":{}}' },
  { name: "an error", status: 500, body: '{"keys":[]}' },
] as const)("an answer that is $name is an outage", async ({ status, body }) => {
  const made = await rig();
  made.cognitoKeys.answer = { status, body };
  made.sessionKeys.answer = { status, body };
  expect(await verdict(made, cognitoAccess)).toBe("keys_unavailable");
  expect(await verdict(made, session)).toBe("keys_unavailable");
});

test("an outage of one issuer leaves the other alone", async () => {
  const made = await rig();
  await made.cognitoKeys.stop();
  expect(await verdict(made, cognitoAccess)).toBe("keys_unavailable");
  expect(await verdict(made, session)).toBe("ok");
});

test("an issuer that does not answer in time is an outage", async () => {
  const made = await rig({ keys: { timeoutMs: 50 } });
  const held = Promise.withResolvers<void>();
  made.sessionKeys.hold = held.promise;
  onTestFinished(() => held.resolve());
  expect(await verdict(made, session)).toBe("keys_unavailable");
});

test.each(sides)("keys of $name for anything but RS256 are not used", async ({ kind, serverOf }) => {
  const made = await rig();
  const strong = await exportJWK(nextKey.publicKey);
  const unfit = [
    { ...strong, kid: "encrypts", use: "enc" },
    { ...strong, kid: "other-algorithm", alg: "RS512" },
    { ...strong, n: strong.n?.slice(0, 171), kid: "weak" },
    { kty: "oct", k: "c2VjcmV0", kid: "shared", alg: "HS256" },
    { kty: "EC", crv: "P-256", x: "x", y: "y", kid: "curve" },
    { ...strong, kid: undefined },
  ];
  serverOf(made).keys = [...unfit, ...serverOf(made).keys];
  for (const kid of ["encrypts", "other-algorithm", "weak", "shared", "curve"])
    expect(await verdict(made, kind, { ...nextKey, kid })).toBe("unknown_key");
  expect(await verdict(made, kind)).toBe("ok");
});
