import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { REFUSAL_SENTENCES } from "../../src/bridge/refusals.ts";
import { heldWhile } from "./held.ts";
import { type BridgeRig, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";
import { tlsSettings } from "./tls-files.ts";

/** Whoever sends a request and never ends it is nobody's defect, and does not stay for long. */

const SOON = { timeout: 30_000 };

const head = (lines: readonly string[]) =>
  ["POST /sign-in HTTP/1.1", "Host: bridge", "Content-Type: application/json", ...lines, "", ""].join("\r\n");
const UNENDED = [
  ["with a length", `${head(["Content-Length: 100"])}{"email":`],
  ["with a length over the limit", `${head(["Content-Length: 100000"])}{"email":`],
  ["in chunks", `${head(["Transfer-Encoding: chunked"])}9\r\n{"email":\r\n`],
  ["in a chunk that is not whole", `${head(["Transfer-Encoding: chunked"])}ff\r\n{"email":`],
  ["of a caller with the secret", `${head([`Authorization: Bearer ${SECRET}`, "Content-Length: 99"])}{"`],
] as const;

/** A handshake takes longer than a socket. */
const WAYS: [string, () => Record<string, string>, number][] = [
  ["HTTP", () => ({}), 200],
  ["TLS", tlsSettings, 50],
];

async function open(rig: BridgeRig, isTls = rig.url.startsWith("https:")): Promise<Socket> {
  const options = { host: "127.0.0.1", port: Number(new URL(rig.url).port) };
  const socket = isTls ? connectTls({ ...options, rejectUnauthorized: false }) : connectTcp(options);
  onTestFinished(() => {
    socket.destroy();
  });
  // The other side may be rude.
  socket.on("error", () => undefined);
  await once(socket, isTls ? "secureConnect" : "connect");
  return socket;
}

/** Also where the server has hung up by then. */
async function write(socket: Socket, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.write(text, () => resolve());
  });
}

/** What the server said until it hung up. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  // Whoever hangs up while something comes resets the socket: `once` would reject.
  await new Promise((resolve) => socket.on("close", resolve));
  return text;
}

/** What the bridge logs as an error, or as trouble, from now on; that some announce too large a body is no trouble. */
function complaintsOf(rig: BridgeRig): unknown[] {
  const complaints: unknown[] = [];
  const { logger } = rig.serving.bridge.context;
  for (const level of ["error", "warn"] as const)
    logger[level] = (...words: unknown[]) => {
      if (words[1] !== REFUSAL_SENTENCES.body_too_large) complaints.push(words);
    };
  return complaints;
}

async function metricsOf(rig: BridgeRig): Promise<string> {
  return rig.serving.bridge.context.metrics.text();
}

const brokenOff = async (rig: BridgeRig) =>
  Number(/^spillway_bridge_broken_off_total (\d+)/m.exec(await metricsOf(rig))?.[1]);

test.each(WAYS)(
  "bodies that break off over %s are counted, and are no defect",
  async (_, settings, count) => {
    const rig = await startBridge({ settings: settings() });
    const complaints = complaintsOf(rig);
    const sockets = await Promise.all(Array.from({ length: count }, () => open(rig)));
    await Promise.all(
      sockets.map(async (socket, index) => {
        await write(socket, UNENDED[index % UNENDED.length]?.[1] ?? "");
        if (index % 2 === 0 || socket instanceof TLSSocket) socket.destroy();
        else socket.resetAndDestroy();
      }),
    );
    // One that is said to be too long is refused before its end.
    const refusedAtOnce = count / UNENDED.length;
    await expect.poll(() => brokenOff(rig), SOON).toBeGreaterThanOrEqual(count - refusedAtOnce);
    expect(await brokenOff(rig)).toBeLessThanOrEqual(count);
    expect(complaints).toEqual([]);
    expect(await metricsOf(rig)).not.toMatch(/code="unexpected"} [1-9]/);
    const user = await rig.add();
    if (rig.url.startsWith("http:")) expect((await rig.signIn(emailOf(user))).status).toBe(200);
  },
);

/** A handshake on a busy machine still comes to its end. */
const SHORT = { headMs: 1_000, requestMs: 1_200, lookEveryMs: 50 };

test.each(WAYS)("a body that does not come to its end in time is given up over %s", async (_, settings) => {
  const rig = await startBridge({
    settings: settings(),
    patience: SHORT,
  });
  const complaints = complaintsOf(rig);
  await Promise.all(
    UNENDED.map(async ([name, text]) => {
      const socket = await open(rig);
      const answer = heard(socket);
      await write(socket, text);
      // 413 where it is said to be too long, else Node's own 408.
      expect(await answer, name).toMatch(/^HTTP\/1\.1 4(08|13) /);
    }),
  );
  expect(complaints).toEqual([]);
});

test("a head that does not come to its end in time is given up", async () => {
  const rig = await startBridge({ patience: SHORT });
  const socket = await open(rig);
  const answer = heard(socket);
  await write(socket, "POST /sign-in HTTP/1.1\r\nHost: bridge\r\nX-Slow: ");
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
});

test("a handshake that does not come to its end in time is given up, also one that comes piece by piece", async () => {
  const rig = await startBridge({ settings: tlsSettings(), patience: SHORT });
  const silent = await open(rig, false);
  const slow = await open(rig, false);
  // The head of a ClientHello of 512 bytes.
  slow.write(Buffer.from("1603010200", "hex"));
  const dripping = setInterval(() => slow.write("x"), 20);
  onTestFinished(() => clearInterval(dripping));
  await Promise.all([heard(silent), heard(slow)]);
});

test("a body that comes piece by piece is given up in time as well", async () => {
  const rig = await startBridge({ patience: SHORT });
  const socket = await open(rig);
  const answer = heard(socket);
  await write(socket, head(["Content-Length: 8000"]));
  const dripping = setInterval(() => socket.write("x"), 20);
  onTestFinished(() => clearInterval(dripping));
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
});

test.each(WAYS)("a bridge over %s stops though somebody never ends what they send", async (_, settings) => {
  const rig = await startBridge({ settings: settings(), patience: SHORT });
  for (const text of ["", "POST /sign-in HTTP/1.1\r\nHost: ", ...UNENDED.map(([, unended]) => unended)]) {
    const socket = await open(rig);
    await write(socket, text);
  }
  // With TLS, one that does not even greet.
  await open(rig, false);
  await rig.serving.close();
});

test("a bridge that stops answers what is under way, and after the next answer the connection ends", async () => {
  const rig = await startBridge();
  const body = JSON.stringify({ email: emailOf(await rig.add()), password: PASSWORD });
  const request = head([`Authorization: Bearer ${SECRET}`, `Content-Length: ${body.length}`]) + body;
  const socket = await open(rig);
  let stopped = Promise.resolve();
  await heldWhile(
    rig,
    "AdminInitiateAuth",
    async () => {
      await write(socket, request);
      const [answer] = await once(socket, "data");
      expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    },
    async () => {
      stopped = rig.serving.close();
    },
  );
  const next = heard(socket);
  await write(socket, request);
  expect(await next).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n/is);
  await stopped;
});
