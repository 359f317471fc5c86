import { isTlsCode } from "./connection-codes.ts";
import type { Delivery, ResetMail } from "./mail-sink.ts";
import { secretsOf, serverText } from "./server-text.ts";
import type { WebhookSetting } from "./settings.ts";
import type { WebhookAnswer } from "./webhook-call.ts";

const DEFAULT_RETRY_AFTER_MS = 30_000;
const MAX_RETRY_AFTER_MS = 60 * 60_000;
/**
 * What an answer means for its mail. 5xx says nothing about effects (RFC 9110, 15.6), but for 503 with a Retry-After;
 * 307 and 308 ask for the same request elsewhere (15.4.8, 15.4.9), while other redirects may follow a done one.
 */
export function deliveryOf(answer: WebhookAnswer, mail: ResetMail, { secret }: WebhookSetting): Delivery {
  if (!answer.ok) return lost(answer);
  const { status, retryAfter, text } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 429) return { kind: "slow_down", retryAfterMs: retryAfterMs(retryAfter) };
  if (status === 503 && retryAfter !== null)
    return { kind: "put_off", retryAfterMs: retryAfterMs(retryAfter) };
  const isRefusal = (status >= 400 && status < 500) || status === 307 || status === 308;
  const message = serverText(text, [...secretsOf(mail.link), secret]);
  return { kind: isRefusal ? "rejected" : "unknown", code: `http_${status}`, message };
}

/** Null where all is well. */
export function checkSentence(answer: WebhookAnswer, origin: string): string | null {
  if (!answer.ok) {
    if (isTlsCode(answer.code))
      return `The webhook at ${origin} has no TLS that can be trusted (${answer.code}); check its certificate.`;
    return `The webhook at ${origin} does not answer (${answer.code}); check SPILLWAY_MAIL and the network.`;
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  if (status === 401 || status === 403)
    return `The webhook at ${origin} refuses the signature (${status}); give it the same SPILLWAY_MAIL_SECRET, and check its clock.`;
  if (status >= 300 && status < 400)
    return `The webhook at ${origin} leads elsewhere (${status}), which is not followed; name the last address in SPILLWAY_MAIL.`;
  return `The webhook at ${origin} answers {"check": true} with ${status}; it must answer 2xx.`;
}

function lost({ code, wasConnected }: Extract<WebhookAnswer, { ok: false }>): Delivery {
  if (wasConnected) return { kind: "unknown", code, message: "The connection ended without an answer." };
  if (isTlsCode(code))
    return { kind: "rejected", code: "http_tls", message: `There is no trusted TLS connection (${code}).` };
  return { kind: "put_off", retryAfterMs: DEFAULT_RETRY_AFTER_MS };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number {
  const text = header ?? "";
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : DEFAULT_RETRY_AFTER_MS;
}
