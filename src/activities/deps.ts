import type { UserSource } from "../cognito/source.ts";
import type { MailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import type { KnownDestination, Migration } from "../domain/migration.ts";
import type { Pacer } from "../engine/pacer.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Owner } from "../ledger/runs.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** Everything that activities touch; made once per worker. */
export interface Deps {
  /** Names this worker where it refuses work: process, host, ledger and environments. */
  identity: string;
  ledger: Ledger;
  pacer: Pacer;
  /** One source per pool, kept for the worker's life. */
  sourceOf(source: Migration["source"]): UserSource;
  /** Those that a migration file can name. */
  vendors: readonly KnownDestination[];
  /** Throws ConfigurationError with one sentence if this worker lacks the settings for it. */
  destinationOf(destination: Migration["destination"]): Destination;
  /** The environment that this worker's settings lead to; null if it lacks the settings for it. */
  environmentOf(kind: string): string | null;
  /** Where secrets go that the destination shows once. */
  secrets: SecretStore;
  /** Sends own reset mails; null when no SPILLWAY_MAIL is set. */
  mails: MailSink | null;
  orchestration: Orchestration;
  /** Null when no alert webhook is set. */
  alertWebhook: string | null;
}

/** What activities ask Temporal itself. */
export interface Orchestration {
  /** host:port of the server, for commands that are shown. */
  readonly address: string;
  /** Which of Spillway's search attributes the namespace has registered. */
  searchAttributes(): Promise<string[]>;
  /** Whether the run still works. This server may not know it: `missing`; or not tell: `unknown`. */
  runState(owner: Owner): Promise<RunState>;
}

export type RunState = "open" | "closed" | "missing" | "unknown";

/** A setting that this worker lacks; the sentence may be shown. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
