import { Counter, Histogram, Registry } from "prom-client";
import { TROUBLE_SENTENCES } from "./cognito-troubles.ts";
import type { BeforeProof, SignInOutcome } from "./outcomes.ts";
import { REFUSAL_SENTENCES, type RefusalCode } from "./refusals.ts";

/** From a cached answer to a call that runs into its time limit. */
const SECONDS_BUCKETS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 20];

export type EndedAs = SignInOutcome["kind"] | BeforeProof | "proven" | "accepted";

/** Of every contract: those that are not served stay at zero. */
const ROUTES = ["sign-in", "forgot-password", "fusionauth", "password-hook", "descope"];
const OUTCOMES: readonly EndedAs[] = ["signed_in", "proven", "wrong", "throttled", "outage"];
const TROUBLES = [
  ...Object.keys(TROUBLE_SENTENCES),
  ...["unexpected", "mails_spent", "reset_daily_quota", "resets_not_copied", "alert_not_delivered"],
];

/** Counts alone: no label says anything about a person. */
export class BridgeMetrics {
  readonly #registry = new Registry();
  readonly #ended = new Counter({
    name: "spillway_bridge_requests_total",
    help: "Requests by route and how they ended.",
    labelNames: ["route", "outcome"],
    registers: [this.#registry],
  });
  readonly #migrated = new Counter({
    name: "spillway_bridge_migrated_total",
    help: "People whose password came over from Cognito.",
    registers: [this.#registry],
  });
  readonly #trouble = new Counter({
    name: "spillway_bridge_trouble_total",
    help: "What went wrong beside requests, by code.",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #refused = new Counter({
    name: "spillway_bridge_refused_total",
    help: "Calls that were refused before anybody was asked about the person, by code.",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #brokenOff = new Counter({
    name: "spillway_bridge_broken_off_total",
    help: "Requests whose body never came to its end.",
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: "spillway_bridge_seconds",
    help: "How long requests took.",
    labelNames: ["route"],
    buckets: SECONDS_BUCKETS,
    registers: [this.#registry],
  });

  /** A counter that is not there before its first event would hide that one from whoever asks how much it grew. */
  constructor() {
    for (const code of Object.keys(REFUSAL_SENTENCES)) this.#refused.inc({ code }, 0);
    for (const code of TROUBLES) this.#trouble.inc({ code }, 0);
    for (const route of ROUTES) for (const outcome of OUTCOMES) this.#ended.inc({ route, outcome }, 0);
  }

  ended(route: string, outcome: EndedAs, seconds: number): void {
    this.#ended.inc({ route, outcome });
    this.#seconds.observe({ route }, seconds);
  }

  migrated(): void {
    this.#migrated.inc();
  }

  trouble(code: string): void {
    this.#trouble.inc({ code });
  }

  refused(code: RefusalCode): void {
    this.#refused.inc({ code });
  }

  brokenOff(): void {
    this.#brokenOff.inc();
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
