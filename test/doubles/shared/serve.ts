import { once } from "node:events";
import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";

/** The Hono environment of a double: `env.incoming.socket` is the raw socket, which faults may destroy. */
export interface DoubleEnv {
  Bindings: HttpBindings;
  Variables: { key?: string };
}

export interface RunningServer {
  url: string;
  port: number;
  /** Ends all connections, also those with calls in flight. */
  close(): Promise<void>;
}

/** Longer than any client keeps an idle connection, so that the double never closes one by itself. */
const KEEP_ALIVE_MS = 300_000;

/** Serves on 127.0.0.1; port 0 takes a free one. */
export async function serve(app: Hono<DoubleEnv>, port = 0): Promise<RunningServer> {
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!(server instanceof Server)) throw new Error("The doubles speak HTTP/1.1 only.");
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
