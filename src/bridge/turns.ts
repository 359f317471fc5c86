/**
 * What is done for one key comes after what was asked for before. Of one person's first sign-ins at once, each would
 * otherwise ask Cognito, and set the password anew, and spend what the destination allows for their address.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Work that fails fails nobody else's. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const own = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }
}
