import { once } from "node:events";
import type { Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, Server as TcpServer } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { UsageError } from "../exit.ts";

/** PEM. */
export interface Certificate {
  cert: Buffer;
  key: Buffer;
}

/** How long a caller may take to send something. */
export interface Patience {
  /** As long for the TLS handshake before it. */
  headMs: number;
  /** Head and body together. */
  requestMs: number;
  /** How often Node looks who is over time: it does so every 30 s by itself, whatever the limits are. */
  lookEveryMs: number;
}

const PATIENCE: Patience = { headMs: 10_000, requestMs: 15_000, lookEveryMs: 500 };

/** Takes the address for good, with TLS where there is a certificate. Throws UsageError where it cannot. */
export async function listen(
  { fetch }: Pick<Hono, "fetch">,
  address: string,
  certificate: Certificate | null,
  { headMs, requestMs, lookEveryMs }: Patience = PATIENCE,
): Promise<Server> {
  const patience = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookEveryMs,
  };
  const options =
    certificate === null
      ? { fetch, serverOptions: patience }
      : {
          fetch,
          createServer: createTlsServer,
          serverOptions: { ...patience, handshakeTimeout: headMs, ...certificate },
        };
  // HTTP/1.1 alone was asked for; both of Node's servers for it are this one.
  const server = createAdaptorServer(options) as Server;
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

export function urlOf(server: Server, isTls: boolean): string {
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { address, port, family } = server.address() as AddressInfo;
  return `${isTls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Answers what is under way, and takes nothing new. Whoever sends slowly, or nothing, has as long as before. */
export async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  // After an HTTP server's own close() Node looks no more who is over time: a silent connection would last for ever.
  TcpServer.prototype.close.call(server);
  // Whoever always has something more to ask hears that the connection ends with the answer.
  server.maxRequestsPerSocket = 1;
  server.closeIdleConnections();
  await closed;
}
