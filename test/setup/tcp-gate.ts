import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Stands before a server of 127.0.0.1 that others use too, and takes it away as if it had been stopped. */
export interface TcpGate {
  /** The server's address, through this gate. */
  url: string;
  /** Breaks every connection, and lets no new one through. */
  shut(): void;
  /**
   * Nothing passes any more, and neither side hears of it: the connections there are and new ones stay open. Neither
   * does the server hear of a client that goes away.
   */
  silence(): void;
  /** New connections pass. Those that fell silent stay silent. */
  open(): void;
  /** What was held back on silent connections passes, both ways. */
  release(): void;
}

/** `url` names host and port of the server. Closed when the test ends. */
export async function startTcpGate(url: string): Promise<TcpGate> {
  const target = new URL(url);
  const others = new Map<Socket, Socket | null>();
  let state: "open" | "shut" | "silent" = "open";
  const keep = (socket: Socket, other: Socket | null) => {
    others.set(socket, other);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      others.delete(socket);
      if (other !== null && !other.isPaused()) other.destroy();
    });
    if (other !== null) socket.pipe(other);
  };
  const server = createServer((client) => {
    if (state === "shut") {
      client.resetAndDestroy();
      return;
    }
    if (state === "silent") {
      keep(client, null);
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    keep(client, upstream);
    keep(upstream, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const shut = () => {
    state = "shut";
    for (const socket of others.keys()) socket.resetAndDestroy();
  };
  onTestFinished(() => {
    shut();
    server.close();
  });
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { port } = server.address() as AddressInfo;
  const gated = new URL(url);
  gated.hostname = "127.0.0.1";
  gated.port = String(port);
  return {
    url: gated.href,
    shut,
    silence: () => {
      state = "silent";
      for (const socket of others.keys()) socket.unpipe().pause();
    },
    open: () => {
      state = "open";
    },
    release: () => {
      for (const [socket, other] of others) if (other !== null) socket.pipe(other);
    },
  };
}
