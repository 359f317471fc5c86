/**
 * A stand-in of a mail server: real SMTP on loopback by `smtp-server`, with STARTTLS or TLS, a login, and faults at each
 * step. It keeps every message whose last line it got, also one that it then refuses or whose reply is lost.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { makeIdentity } from "./identity.ts";
import { createSteps, type SmtpFault, type SmtpStep, type Steps } from "./steps.ts";

export interface ReceivedMail {
  from: string;
  to: string[];
  raw: string;
  isSecure: boolean;
}

export interface SmtpWish {
  /** `none` offers no TLS at all. */
  tls?: "none" | "starttls" | "implicit";
  login?: { user: string; password: string };
  /** Of a message; told to clients (RFC 1870). */
  maxBytes?: number;
}

export interface SmtpDouble {
  port: number;
  /** What a client must trust to speak TLS with it; of the name `localhost`. PEM. */
  certificate: string;
  mails: readonly ReceivedMail[];
  /** So far. */
  readonly connections: number;
  /** Plays the fault in every session from now on, in place of an earlier one. */
  disturb(fault: SmtpFault | null): void;
  /** Resolves when a session gets to the step. */
  reached(step: SmtpStep): Promise<void>;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startSmtpDouble(wish: SmtpWish = {}): Promise<SmtpDouble> {
  const mails: ReceivedMail[] = [];
  const steps = createSteps();
  const { key, certificate } = makeIdentity("localhost");
  const server = new SMTPServer({ ...optionsOf(wish, steps, mails), key, cert: certificate });
  // Clients that break off are part of the tests.
  server.on("error", () => {});
  let connections = 0;
  server.server.on("connection", (socket) => {
    connections += 1;
    steps.sockets.set(socket.remotePort ?? 0, socket);
  });
  const listener = server.listen(0, HOST);
  await once(listener, "listening");
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    certificate,
    mails,
    get connections() {
      return connections;
    },
    disturb(fault) {
      steps.fault = fault;
    },
    reached: (step) => steps.reached(step),
    async close() {
      const closed = new Promise<void>((done) => server.close(done));
      for (const socket of steps.sockets.values()) socket.destroy();
      await closed;
    },
  };
}

function optionsOf(
  { tls = "none", login, maxBytes }: SmtpWish,
  steps: Steps,
  mails: ReceivedMail[],
): SMTPServerOptions {
  const step = (name: SmtpStep, session: SMTPServerSession, callback: (error?: Error | null) => void) => {
    steps.pass(name, session).then(() => callback(), callback);
  };
  return {
    secure: tls === "implicit",
    size: maxBytes,
    authOptional: login === undefined,
    disabledCommands: [...(tls === "starttls" ? [] : ["STARTTLS"]), ...(login === undefined ? ["AUTH"] : [])],
    allowInsecureAuth: tls === "none",
    disableReverseLookup: true,
    onConnect: (session, callback) => step("connect", session, callback),
    onAuth({ username, password }, session, callback) {
      const isRight = username === login?.user && password === login?.password;
      const answer = isRight ? { user: username } : { responseCode: 535, message: "5.7.8 Wrong login" };
      steps.pass("login", session).then(() => callback(null, answer), callback);
    },
    onMailFrom: (_, session, callback) => step("sender", session, callback),
    onRcptTo: (_, session, callback) => step("recipient", session, callback),
    onData(stream, session, callback) {
      const receive = async () => {
        await once(stream, "readable");
        await steps.pass("data", session);
        const raw = await text(stream);
        mails.push({ ...envelopeOf(session), raw, isSecure: session.secure });
        await steps.pass("message", session);
      };
      receive().then(() => callback(), callback);
    },
  };
}

function envelopeOf({ envelope }: SMTPServerSession): { from: string; to: string[] } {
  const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
  return { from, to: envelope.rcptTo.map(({ address }) => address) };
}
