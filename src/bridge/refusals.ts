import type { BridgeMetrics } from "./metrics.ts";
import type { SeldomLog } from "./seldom-log.ts";

/** Calls that are refused before anybody is asked about the person, by code, and what an operator does about it. */
export const REFUSAL_SENTENCES = {
  no_secret:
    "A call came without a secret or a signature; set one of SPILLWAY_BRIDGE_SECRETS at the caller, or keep strangers from the address.",
  secret_wrong: "A call came with another secret than those of SPILLWAY_BRIDGE_SECRETS.",
  signature_wrong:
    "A signature is not of its call; make it of the time stamp, the method, the path and the body as they are sent, with one of SPILLWAY_BRIDGE_SECRETS.",
  signature_late:
    "A signed call's X-Spillway-Timestamp is missing, or is more than five minutes off; give seconds, and check both clocks.",
  signature_used: "A signed call came twice; sign each one anew.",
  not_json: "A call is no JSON; send it with Content-Type: application/json.",
  invalid_body: "A call lacks a key, or has a wrong one; its answer names the key.",
  body_too_large: "A call is larger than 8 KB.",
  not_found: "A call came for a route that there is not, or that SPILLWAY_BRIDGE_ROUTES does not name.",
  over_limit: "Somebody, or a network, is over one of the limits, and hears throttled.",
} as const;

export type RefusalCode = keyof typeof REFUSAL_SENTENCES;

/** Counts each refused call, and writes a line now and then. Neither says who called, or about whom. */
export class Refusals {
  readonly #metrics: BridgeMetrics;
  readonly #log: SeldomLog;

  constructor(metrics: BridgeMetrics, log: SeldomLog) {
    this.#metrics = metrics;
    this.#log = log;
  }

  note(code: RefusalCode): void {
    this.#metrics.refused(code);
    this.#log.write("warn", code, REFUSAL_SENTENCES[code]);
  }
}
