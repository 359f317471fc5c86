import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range from which systems take ports for outgoing connections and for port 0: nobody takes it meanwhile. */
const FIRST = 15_000;
const LAST = 32_000;
const MAX_TRIES = 50;

/** A port on 127.0.0.1 that nothing listens on. For programs that must be told their port; servers of ours use port 0. */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(FIRST, LAST);
    try {
      await assertPortIsFree(port);
      return port;
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
    }
  }
}

/** Throws EADDRINUSE when something listens on 127.0.0.1:`port`. */
export async function assertPortIsFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
  await once(server, "close");
}
