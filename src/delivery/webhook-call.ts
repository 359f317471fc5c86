import { createHmac } from "node:crypto";
import { Client, type Dispatcher } from "undici";
import type { Secret } from "../domain/secret.ts";
import type { WebhookSetting } from "./settings.ts";

/** What is read of an answer; its status tells all that matters. */
const MAX_ANSWER_BYTES = 64 * 1_024;

export interface WebhookCall {
  setting: WebhookSetting;
  /** For the whole call. */
  timeoutMs: number;
  /** Ends the call. */
  signal: AbortSignal;
  /** Lets the receiver recognise a repeat. */
  key: string;
  /** JSON. */
  body: string;
}

export type WebhookAnswer =
  | { ok: true; status: number; retryAfter: string | null; text: string }
  /** `code` is Node's or undici's. Without a connection, and its TLS, nothing was sent. */
  | { ok: false; code: string; wasConnected: boolean };

/**
 * Posts once, over a connection of its own: only so is it known whether there was one. Follows no redirect: a link goes
 * to nobody but the address that was named. Never rejects.
 */
export async function callWebhook(call: WebhookCall): Promise<WebhookAnswer> {
  const { setting, timeoutMs, signal } = call;
  const { origin, pathname, search } = new URL(setting.url.reveal());
  const client = new Client(origin, { connect: { timeout: timeoutMs } });
  let wasConnected = false;
  client.once("connect", () => {
    wasConnected = true;
  });
  try {
    const answer = await client.request({
      path: pathname + search,
      method: "POST",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: headersOf(call),
      body: call.body,
    });
    const retryAfter = answer.headers["retry-after"];
    return {
      ok: true,
      status: answer.statusCode,
      retryAfter: typeof retryAfter === "string" ? retryAfter : null,
      text: await beginningOf(answer.body),
    };
  } catch (error) {
    return { ok: false, code: codeOf(error), wasConnected };
  } finally {
    await client.destroy();
  }
}

function headersOf({ setting, key, body }: WebhookCall): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return {
    "content-type": "application/json",
    "idempotency-key": key,
    "x-spillway-timestamp": timestamp,
    "x-spillway-signature": signature(setting.secret, timestamp, body),
  };
}

/** `v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`; the timestamp is in seconds since 1970. */
function signature(secret: Secret, timestamp: string, body: string): string {
  return `v1=${createHmac("sha256", secret.reveal()).update(`${timestamp}.${body}`).digest("hex")}`;
}

/** The status has been given, so a body that breaks off, or has no end, changes nothing. */
async function beginningOf(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    // What came until then is kept.
  }
  return Buffer.concat(chunks).toString("utf8");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "TimeoutError") return "timeout";
  if (error.name === "AbortError") return "closed";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
