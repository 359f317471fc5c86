import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2, createSecureServer, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect, type Server } from "node:net";
import { createServer } from "node:tls";
import { onTestFinished } from "vitest";
import { type Authority, createAuthority } from "./certificates.ts";
import { freshFolder } from "./fresh-folder.ts";

/** What stands before a Temporal server as before a namespace of Temporal Cloud. Closed when the test ends. */
export interface Secured {
  /** That lead through it, as docs/temporal.md names them. */
  settings: Record<string, string>;
  /** Whose files these are. */
  authority: Authority;
  folder: string;
}

/** Lets in whoever shows a client certificate of its authority. */
export async function startMutualTls(address: string): Promise<Secured> {
  const { folder, authority, pair } = identity();
  const client = authority.issue("client");
  const options = { ...pair, ca: readFileSync(authority.cert), requestCert: true, ALPNProtocols: ["h2"] };
  const server = createServer(options, (socket) => {
    const upstream = connect(toPort(address), "127.0.0.1");
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const)
      one
        .on("error", () => undefined)
        .on("close", () => other.destroy())
        .pipe(other);
  });
  return {
    folder,
    authority,
    settings: {
      ...(await listening(server, authority)),
      TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: client.key,
    },
  };
}

interface KeyWish {
  key: string;
  /** Temporal Cloud closes the operator service to everyone. */
  closed?: string;
}

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;

/** Lets in calls that carry this key. */
export async function startKeyed(
  address: string,
  { key, closed = "OperatorService" }: KeyWish,
): Promise<Secured> {
  const { folder, authority, pair } = identity();
  const upstream = connectHttp2(`http://127.0.0.1:${toPort(address)}`).on("error", () => undefined);
  onTestFinished(() => upstream.destroy());
  const server = createSecureServer(pair);
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    if (headers.authorization !== `Bearer ${key}`) return refuse(stream, UNAUTHENTICATED);
    if (String(headers[":path"]).includes(closed)) return refuse(stream, PERMISSION_DENIED);
    const call = upstream.request(headers);
    call.on("error", () => stream.close());
    stream.on("close", () => call.close()).pipe(call);
    call.on("response", (answer) => {
      // A call without a message has its status here, and nothing after it.
      const waitForTrailers = answer["grpc-status"] === undefined;
      stream.respond(answer, { waitForTrailers });
      if (!waitForTrailers) return;
      call.on("trailers", (trailers) => stream.on("wantTrailers", () => stream.sendTrailers(trailers)));
    });
    call.pipe(stream);
  });
  return {
    folder,
    authority,
    settings: { ...(await listening(server, authority)), TEMPORAL_API_KEY: key },
  };
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  const headers = { "content-type": "application/grpc", "grpc-status": status };
  stream.respond({ ...headers, "grpc-message": "Request unauthorized." }, { endStream: true });
}

function identity() {
  const folder = freshFolder();
  const authority = createAuthority(folder, "authority");
  const { cert, key } = authority.issue("localhost");
  return { folder, authority, pair: { cert: readFileSync(cert), key: readFileSync(key) } };
}

async function listening(server: Server, { cert }: Authority): Promise<Record<string, string>> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { port } = server.address() as AddressInfo;
  return { TEMPORAL_ADDRESS: `localhost:${port}`, TEMPORAL_TLS_SERVER_CA_CERT_PATH: cert };
}

function toPort(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
