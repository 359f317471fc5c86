import { z } from "zod";
import type { Outcome } from "../../../src/destinations/sending.ts";
import { type Person, type Standing, standingSchema } from "./people.ts";

/** Sends a request; a test puts a worker's death in its place. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const refusedSchema = z.object({ key: z.string(), code: z.string(), message: z.string() });
const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  refused: z.array(refusedSchema).default([]),
});
export type Refusal = z.infer<typeof errorSchema>;

export type Answered<T> =
  | { kind: "answered"; value: T }
  | { kind: "refused"; refusal: Refusal }
  | Extract<Outcome, { kind: "unknown" | "slow_down" }>;

const foundSchema = z.object({ people: z.array(standingSchema) });
const pageSchema = foundSchema.extend({ next: z.string().nullable() });
/** Longer than any call of a double takes. */
export const CALL_TIMEOUT_MS = 30_000;

export class ManyClient {
  readonly #url: string;
  readonly #fetch: Fetch;

  constructor(url: string, send: Fetch = fetch) {
    this.#url = url;
    this.#fetch = send;
  }

  importAll<T>(people: readonly Person[], schema: z.ZodType<T>): Promise<Answered<T>> {
    return this.#call("POST", "/people/import", schema, { people });
  }

  /** Those that are there. */
  async find(keys: readonly string[]): Promise<Answered<Standing[]>> {
    const answer = await this.#call("POST", "/people/find", foundSchema, { keys });
    return answer.kind === "answered" ? { kind: "answered", value: answer.value.people } : answer;
  }

  /** In the order in which they were made. */
  list(cursor: string | null): Promise<Answered<z.infer<typeof pageSchema>>> {
    return this.#call("GET", `/people?from=${cursor ?? "0"}`, pageSchema);
  }

  async #call<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<Answered<T>> {
    try {
      const response = await this.#fetch(`${this.#url}${path}`, {
        method,
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        ...(body !== undefined && {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      });
      const json: unknown = await response.json();
      if (response.ok) return { kind: "answered", value: schema.parse(json) };
      if (response.status === 409) return { kind: "slow_down", retryAfterMs: 100 };
      if (response.status < 500) return { kind: "refused", refusal: errorSchema.parse(json) };
      return unclear(String(response.status));
    } catch (error) {
      return unclear(error instanceof Error ? error.name : "error");
    }
  }
}

export function unclear(code: string): Extract<Outcome, { kind: "unknown" }> {
  return { kind: "unknown", code, message: "", retryAfterMs: 50 };
}
