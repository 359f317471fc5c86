import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../domain/secret.ts";
import type { Take } from "./limits.ts";
import type { RefusalCode } from "./refusals.ts";

/**
 * Who may call: whoever shows one of the shared secrets, or signs with it. A signature is
 * `v1=<hex HMAC-SHA256 of "<timestamp>.<METHOD> <path>.<body>">`, its timestamp in seconds.
 */

export const SIGNATURE_HEADER = "x-spillway-signature";
export const TIMESTAMP_HEADER = "x-spillway-timestamp";
/** Clocks differ, and nobody can use what is older. */
const SIGNATURE_WINDOW_SECONDS = 300;
/** A signature is remembered for so long: while it is good on either side of a clock that differs, and as much again. */
export const SIGNATURE_KEPT_MS = 4 * SIGNATURE_WINDOW_SECONDS * 1_000;

export interface SignedCall {
  authorization: string | undefined;
  signature: string | undefined;
  timestamp: string | undefined;
  method: string;
  path: string;
  body: string;
}

/** Null for a caller. `takeSignature` answers 0 for a signature that was never seen, and rejects where nobody can tell. */
export async function whyNotCaller(
  call: SignedCall,
  secrets: readonly Secret[],
  takeSignature: Take,
  nowMs = Date.now(),
): Promise<RefusalCode | null> {
  const { authorization, signature, timestamp } = call;
  if (signature === undefined) {
    if (authorization === undefined) return "no_secret";
    return hasSecret(authorization, secrets) ? null : "secret_wrong";
  }
  if (!isRecent(timestamp ?? "", nowMs)) return "signature_late";
  const signed = `${timestamp}.${call.method} ${call.path}.${call.body}`;
  if (!anyIs(secrets, (secret) => isSame(signature, signatureOf(secret, signed)))) return "signature_wrong";
  return (await takeSignature(signature)) === 0 ? null : "signature_used";
}

export function signatureOf(secret: Secret, signed: string): string {
  return `v1=${createHmac("sha256", secret.reveal()).update(signed).digest("hex")}`;
}

function hasSecret(authorization: string, secrets: readonly Secret[]): boolean {
  const given = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? "";
  return anyIs(secrets, (secret) => isSame(given, secret.reveal()));
}

/** Asks every secret, so that the time does not tell which one it was. */
function anyIs(secrets: readonly Secret[], matches: (secret: Secret) => boolean): boolean {
  return secrets.map(matches).includes(true);
}

/** In the same time whatever is given: digests have one length. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function isRecent(timestamp: string, nowMs: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(nowMs / 1_000 - Number(timestamp)) <= SIGNATURE_WINDOW_SECONDS;
}
