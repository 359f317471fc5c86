import { once } from "node:events";
import { createServer } from "node:net";

/** A port on 127.0.0.1 that nothing listens on. For programs that must be told their port; servers of ours use port 0. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Throws EADDRINUSE when something listens on 127.0.0.1:`port`. */
export async function assertPortIsFree(port: number): Promise<void> {
  await listenOnce(port);
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string")
    throw new Error("a TCP server has an address with a port");
  return address.port;
}
