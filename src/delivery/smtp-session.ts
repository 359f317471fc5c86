import { Readable } from "node:stream";
import SMTPConnection, { type SMTPError } from "nodemailer/lib/smtp-connection";
import type { Message } from "./message.ts";
import type { SmtpSetting } from "./settings.ts";

/** How far a session came, which tells what can have happened to its mail. */
export type Stage = "connecting" | "login" | "envelope" | "data";

export interface SmtpFailure {
  /** From `data` on, only a reply to the whole message tells that it was not taken. */
  stage: Stage;
  /** nodemailer's, Node's where there is one, or `timeout` and `closed` for our own end. */
  code: string;
  reply: Reply | null;
}

export interface Reply {
  /** Such as 550 (RFC 5321, 4.2). */
  status: number;
  text: string;
}

export type SmtpAnswer = { ok: true } | ({ ok: false } & SmtpFailure);

/** One connection, for one mail or none: where it is told apart what a lost one means, none is shared. */
export interface SmtpSession {
  /** Connects, logs in, hands over the message if there is one, and ends. Resolves once and never rejects. */
  run(message: Message | null): Promise<SmtpAnswer>;
  close(): void;
}

export function createSmtpSession(setting: SmtpSetting, timeoutMs: number): SmtpSession {
  const { host, port, implicitTls, requireTls, login } = setting;
  const connection = new SMTPConnection({
    host,
    port,
    secure: implicitTls,
    requireTLS: requireTls,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    tls: { minVersion: "TLSv1.2" },
    logger: false,
  });
  let stage: Stage = "connecting";
  const { promise, resolve } = Promise.withResolvers<SmtpAnswer>();

  // The first to settle wins; the connection ends either way.
  const settle = (answer: SmtpAnswer) => {
    clearTimeout(timer);
    resolve(answer);
    connection.close();
  };
  const fail = (error: SMTPError) => settle({ ok: false, ...failureOf(error, stage) });
  const stop = (code: string) => settle({ ok: false, stage, code, reply: null });
  // nodemailer's own limits are each for a step or a silence: a server may be slow in many steps.
  const timer = setTimeout(() => stop("timeout"), timeoutMs);

  const hand = ({ envelope, bytes }: Message) => {
    stage = "envelope";
    const body = watched(bytes, () => {
      stage = "data";
    });
    connection.send({ ...envelope, size: bytes.length }, body, (error) =>
      error ? fail(error) : settle({ ok: true }),
    );
  };
  const logIn = (message: Message | null) => {
    const next = () => (message === null ? settle({ ok: true }) : hand(message));
    if (login === null) return next();
    stage = "login";
    const credentials = { user: login.user, pass: login.password.reveal() };
    connection.login({ credentials }, (error) => (error ? fail(error) : next()));
  };

  return {
    run(message) {
      // Both may tell of the same end; errors of a session that is settled are of no interest.
      connection.on("error", fail);
      connection.on("end", () => stop("closed"));
      connection.connect((error) => (error ? fail(error) : logIn(message)));
      return promise;
    },
    close: () => stop("closed"),
  };
}

/** Tells when its first byte is asked for, which is when the server has agreed to take the message. */
function watched(bytes: Buffer, onStart: () => void): Readable {
  return new Readable({
    read() {
      onStart();
      this.push(bytes);
      this.push(null);
    },
  });
}

function failureOf(error: SMTPError, stage: Stage): SmtpFailure {
  const { responseCode: status, response, command } = error;
  // During the data, a reply that stands for no command belongs to the connection: it says nothing of the message.
  const isAnswered =
    status !== undefined && response !== undefined && (stage !== "data" || command === "DATA");
  return {
    stage,
    code: error.originalCode ?? error.code ?? "unknown",
    reply: isAnswered ? { status, text: response } : null,
  };
}
