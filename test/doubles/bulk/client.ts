import { z } from "zod";
import type { Item, Outcome } from "../../../src/destinations/sending.ts";
import type { Person } from "./people.ts";

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

const foundSchema = z.object({ people: z.array(z.object({ key: z.string(), id: z.string() })) });

export class ManyClient {
  readonly #url: string;
  readonly #fetch: Fetch;

  constructor(url: string, send: Fetch = fetch) {
    this.#url = url;
    this.#fetch = send;
  }

  importAll<T>(items: readonly Item<Person>[], schema: z.ZodType<T>): Promise<Answered<T>> {
    return this.#post("/people/import", { people: items.map(({ record }) => record) }, schema);
  }

  /** Ids by key, of those that are there. */
  async find(items: readonly Item<Person>[]): Promise<Answered<Map<string, string>>> {
    const answer = await this.#post("/people/find", { keys: items.map(({ key }) => key) }, foundSchema);
    if (answer.kind !== "answered") return answer;
    return { kind: "answered", value: new Map(answer.value.people.map(({ key, id }) => [key, id])) };
  }

  async #post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<Answered<T>> {
    try {
      const response = await this.#fetch(`${this.#url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
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
