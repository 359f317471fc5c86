import { isTlsCode } from "./connection-codes.ts";
import type { Delivery, ResetMail } from "./mail-sink.ts";
import { secretsOf, serverText } from "./server-text.ts";
import type { SmtpSetting } from "./settings.ts";
import type { Reply, SmtpFailure } from "./smtp-session.ts";

/** SMTP names no time to wait; queues and rates of mail servers are by the minute. */
const RETRY_AFTER_MS = 30_000;

/**
 * What a session that failed means for its mail. A reply of 4yz or 5yz leaves the mail unsent, also one to the whole
 * message (RFC 5321, 4.2.1 and 4.2.5); a connection that ends without one, while the message is handed over, does not say.
 */
export function deliveryOf(failure: SmtpFailure, mail: ResetMail, setting: SmtpSetting): Delivery {
  const { stage, code, reply } = failure;
  if (reply !== null && isPassing(reply))
    return { kind: isThrottling(failure) ? "slow_down" : "put_off", retryAfterMs: RETRY_AFTER_MS };
  if (isTlsProblem(failure))
    return { kind: "rejected", code: "smtp_tls", message: `There is no trusted TLS connection (${code}).` };
  if (reply !== null && (stage !== "data" || reply.status >= 500))
    return refusal(failure, reply, mail, setting);
  if (stage === "data")
    return {
      kind: "unknown",
      code,
      message: "The server began to take the mail and did not say that it has it.",
    };
  // Found out before anything was sent: the server had told its limit.
  if (code === "EMESSAGE")
    return { kind: "rejected", code: "smtp_size", message: "The mail is larger than the server takes." };
  return { kind: "put_off", retryAfterMs: RETRY_AFTER_MS };
}

/** What a check found, and what an operator can do. */
export function sentenceOf(failure: SmtpFailure, server: string): string {
  const { stage, code, reply } = failure;
  if (isTlsProblem(failure))
    return `The ${server} has no TLS that can be trusted (${reply?.status ?? code}); check its certificate, and host and port in SPILLWAY_MAIL.`;
  if (reply === null) return `The ${server} does not answer (${code}); check SPILLWAY_MAIL and the network.`;
  if (isPassing(reply)) return `The ${server} is busy (${reply.status}); try again in a while.`;
  if (stage === "login")
    return `The ${server} refuses the login (${reply.status}); check user and password in SPILLWAY_MAIL.`;
  return `The ${server} turns Spillway away (${reply.status}); see its log, and SPILLWAY_MAIL.`;
}

function refusal({ stage }: SmtpFailure, reply: Reply, mail: ResetMail, { login }: SmtpSetting): Delivery {
  // A reply to a login may quote it, in base64.
  if (stage === "login")
    return {
      kind: "rejected",
      code: "smtp_login",
      message: `The server refuses the login (${reply.status}).`,
    };
  const secrets = [...secretsOf(mail.link), ...(login === null ? [] : [login.password])];
  return { kind: "rejected", code: `smtp_${reply.status}`, message: serverText(reply.text, secrets) };
}

/** Amazon SES tells so that mails come too fast ("SMTP response codes": 454 Throttling failure); others that there is no TLS. */
function isThrottling({ stage, reply }: SmtpFailure): boolean {
  return reply?.status === 454 && (stage === "envelope" || stage === "data");
}

function isPassing({ status }: Reply): boolean {
  return status >= 400 && status < 500;
}

/** STARTTLS refused, or a handshake that failed. What ends later is the connection's own end. */
function isTlsProblem({ stage, code, reply }: SmtpFailure): boolean {
  return (
    stage === "connecting" && (isTlsCode(code) || (code === "ETLS" && reply !== null && !isPassing(reply)))
  );
}
