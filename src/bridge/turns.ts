/**
 * What is done for one key comes after what was asked for before. Of one person's first sign-ins at once, each would
 * otherwise ask Cognito, and set the password anew, and spend what the destination allows for their address.
 */
export class Turns {
  readonly #lines = new Map<string, { line: Line; users: number }>();

  /** The line of a key is there until all who use it have their answer. */
  async inLine<T>(key: string, use: (line: Line) => Promise<T>): Promise<T> {
    const own = this.#lines.get(key) ?? { line: new Line(), users: 0 };
    this.#lines.set(key, own);
    own.users += 1;
    try {
      return await use(own.line);
    } finally {
      own.users -= 1;
      if (own.users === 0) this.#lines.delete(key);
    }
  }
}

export class Line {
  /** When the last answer of it is due that has to wait for its time. */
  dueAtMs = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> | null = null;

  /** Work that fails fails nobody else's. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const own = this.#last === null ? work() : this.#last.then(work, work);
    this.#last = own;
    return own;
  }
}
