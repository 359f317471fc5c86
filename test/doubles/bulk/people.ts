import { z } from "zod";

/** A person as the bulk doubles take them; unknown fields are refused. */
export const personSchema = z.strictObject({ key: z.string().min(1), email: z.email() });
export type Person = z.infer<typeof personSchema>;

export interface Refused {
  key: string;
  code: string;
  message: string;
}

/** Addresses that the doubles refuse. */
export const REFUSED_DOMAIN = "refused.example";

/** Who stands at the destination: a key is there once. */
export class People {
  readonly #idsByKey = new Map<string, string>();

  get size(): number {
    return this.#idsByKey.size;
  }

  keys(): string[] {
    return [...this.#idsByKey.keys()];
  }

  idOf(key: string): string | undefined {
    return this.#idsByKey.get(key);
  }

  /** Null for somebody who can be made. */
  refusalOf({ key, email }: Person): Refused | null {
    if (this.#idsByKey.has(key)) return { key, code: "duplicate_key", message: `${key} is there already.` };
    if (email.endsWith(`@${REFUSED_DOMAIN}`))
      return { key, code: "email_refused", message: `${email} is refused.` };
    return null;
  }

  /** The id; throws for somebody who is refused. */
  make(person: Person): string {
    const refusal = this.refusalOf(person);
    if (refusal !== null) throw new Error(refusal.message);
    const id = `user_${this.#idsByKey.size + 1}`;
    this.#idsByKey.set(person.key, id);
    return id;
  }

  /** Those of these keys that are there. */
  find(keys: readonly string[]): { key: string; id: string }[] {
    return keys.flatMap((key) => {
      const id = this.#idsByKey.get(key);
      return id === undefined ? [] : [{ key, id }];
    });
  }
}
