import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Stands before a server of 127.0.0.1 that others use too, and takes it away as if it had been stopped. */
export interface TcpGate {
  /** The server's address, through this gate. */
  url: string;
  /** Breaks every connection, and lets no new one through. */
  shut(): void;
  open(): void;
}

/** `url` names host and port of the server. Closed when the test ends. */
export async function startTcpGate(url: string): Promise<TcpGate> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  const server = createServer((client) => {
    if (!isOpen) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    keep(client, upstream);
    keep(upstream, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const shut = () => {
    isOpen = false;
    for (const socket of sockets) socket.resetAndDestroy();
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
    open: () => {
      isOpen = true;
    },
  };
}
