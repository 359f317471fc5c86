import { z } from "zod";

/** A person as the bulk doubles take them; unknown fields are refused. */
export const personSchema = z.strictObject({
  key: z.string().min(1),
  email: z.email(),
  verified: z.boolean(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  notes: z.record(z.string(), z.string()),
});
export type Person = z.infer<typeof personSchema>;

/** A person who stands there. */
export const standingSchema = personSchema.extend({ id: z.string().min(1), madeAtMs: z.number() });
export type Standing = z.infer<typeof standingSchema>;

export interface Refused {
  key: string;
  code: string;
  message: string;
}

/** Addresses that the doubles refuse. */
export const REFUSED_DOMAIN = "refused.example";

/** Who stands at the destination: a key is there once. */
export class People {
  readonly #byKey = new Map<string, Standing>();

  get size(): number {
    return this.#byKey.size;
  }

  all(): Standing[] {
    return [...this.#byKey.values()];
  }

  keys(): string[] {
    return [...this.#byKey.keys()];
  }

  idOf(key: string): string | undefined {
    return this.#byKey.get(key)?.id;
  }

  /** Null for somebody who can be made. */
  refusalOf({ key, email }: Person): Refused | null {
    if (this.#byKey.has(key)) return { key, code: "duplicate_key", message: `${key} is there already.` };
    if (email.endsWith(`@${REFUSED_DOMAIN}`))
      return { key, code: "email_refused", message: `${email} is refused.` };
    return null;
  }

  /** The id; throws for somebody who is refused. */
  make(person: Person): string {
    const refusal = this.refusalOf(person);
    if (refusal !== null) throw new Error(refusal.message);
    const id = `user_${this.#byKey.size + 1}`;
    this.#byKey.set(person.key, { ...person, id, madeAtMs: Date.now() });
    return id;
  }

  /** Those of these keys that are there. */
  find(keys: readonly string[]): Standing[] {
    return keys.flatMap((key) => this.#byKey.get(key) ?? []);
  }

  /** In the order in which they were made. */
  page(from: number, size: number): Standing[] {
    return [...this.#byKey.values()].slice(from, from + size);
  }
}
