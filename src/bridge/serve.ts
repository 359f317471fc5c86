import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import { createAdaptorServer } from "@hono/node-server";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { endWith, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import { type Bridge, createBridge } from "./create-bridge.ts";
import type { BridgeSettings } from "./settings.ts";

const COPY_RESETS_MS = 10_000;
/** Of a caller who sends slowly. */
const HEAD_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 15_000;

export interface Serving {
  bridge: Bridge;
  /** With the port that was taken. */
  url: string;
  /** Answers what is under way, and takes nothing new. */
  close(): Promise<void>;
}

/** Serves until it is closed. Throws UsageError or LedgerError for what an operator can mend. */
export async function serveBridge(settings: Settings): Promise<Serving> {
  if (!settings.bridge.ok) throw new UsageError(settings.bridge.sentence);
  const own = settings.bridge.value;
  const certificate = own.tls === null ? null : await readCertificate(own.tls);
  const bridge = await createBridge(settings);
  void bridge.context.deps.ledger.ended.then(endWith);
  try {
    const server = await listen(bridge, own, certificate);
    const copying = setInterval(() => void bridge.copyResets(), COPY_RESETS_MS);
    void bridge.copyResets();
    return {
      bridge,
      url: urlOf(server, certificate !== null),
      async close() {
        clearInterval(copying);
        await stop(server);
        await bridge.close();
      },
    };
  } catch (error) {
    await bridge.close();
    throw error;
  }
}

interface Certificate {
  cert: Buffer;
  key: Buffer;
}

async function readCertificate({
  certPath,
  keyPath,
}: {
  certPath: string;
  keyPath: string;
}): Promise<Certificate> {
  const certificate = {
    cert: await readNamed("SPILLWAY_BRIDGE_TLS_CERT", certPath),
    key: await readNamed("SPILLWAY_BRIDGE_TLS_KEY", keyPath),
  };
  try {
    createSecureContext(certificate);
    return certificate;
  } catch {
    throw new UsageError(
      "The files of SPILLWAY_BRIDGE_TLS_CERT and SPILLWAY_BRIDGE_TLS_KEY are no certificate and its own key; give both as PEM, the key without a passphrase.",
    );
  }
}

async function readNamed(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new UsageError(`The file of ${setting} cannot be read: ${fileTrouble(code)}; check its path.`);
  }
}

async function listen(
  { app }: Bridge,
  { address }: BridgeSettings,
  certificate: Certificate | null,
): Promise<Server> {
  const options =
    certificate === null
      ? { fetch: app.fetch }
      : { fetch: app.fetch, createServer: createTlsServer, serverOptions: certificate };
  // HTTP/1.1 alone was asked for; both of Node's servers for it are this one.
  const server = createAdaptorServer(options) as Server;
  server.headersTimeout = HEAD_TIMEOUT_MS;
  server.requestTimeout = BODY_TIMEOUT_MS;
  const at = address.lastIndexOf(":");
  server.listen({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
  try {
    await once(server, "listening");
  } catch {
    throw new UsageError(
      `The address ${address} is taken or not of this machine; set SPILLWAY_BRIDGE_ADDRESS to a free one.`,
    );
  }
  return server;
}

function urlOf(server: Server, isTls: boolean): string {
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { address, port, family } = server.address() as AddressInfo;
  return `${isTls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await closed;
}
