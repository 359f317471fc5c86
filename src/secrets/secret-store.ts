import type { Secret } from "../domain/secret.ts";

/** A secret that a destination showed once, and what it belongs to. */
export interface KeptSecret {
  /** Of the application at the destination, which an application's owner needs beside the secret. */
  clientId: string;
  clientSecret: Secret;
  /** The destination's id of this secret: tells it from others of the same application. */
  secretId: string;
}

/** Why a store does not do what it was asked; the sentence is for an operator and holds no secret. */
export type StoreProblem = { ok: false; sentence: string };
export type StoreAnswer<T> = { ok: true; value: T } | StoreProblem;

/** Where new secrets go. Names are those of `secretName`. */
export interface SecretStore {
  /** As operators are told of it, for example `the file spillway-secrets.json`. */
  readonly place: string;
  /** Proves that secrets can be written, by writing something harmless. */
  check(): Promise<StoreAnswer<null>>;
  /**
   * Safely kept when it resolves with "kept": survives the death of the process and of the machine. `over` is the id of
   * the secret that it replaces, null for none; where another one stands, nothing is written, and the answer is
   * "overtaken".
   */
  put(name: string, secret: KeptSecret, over: string | null): Promise<StoreAnswer<"kept" | "overtaken">>;
  /** Null without one. */
  get(name: string): Promise<StoreAnswer<KeptSecret | null>>;
}
