import { inspect } from "node:util";

const REDACTED = "[secret]";
/** A text that shares this many characters with a secret is taken to quote it. */
const QUOTED_LENGTH = 6;

/** A secret on its way from one call to the next: shows itself nowhere but where `reveal` is called. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value, for the one call that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** True for a text that quotes the secret, or a part of it. */
  showsIn(text: string): boolean {
    const value = this.#value.toLowerCase();
    const searched = text.toLowerCase();
    const length = Math.min(QUOTED_LENGTH, value.length);
    for (let from = 0; from + length <= value.length; from += 1)
      if (searched.includes(value.slice(from, from + length))) return true;
    return false;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
