/** What happens to a process on SIGKILL: whatever it awaits never comes, and nobody hears of it any more. */
export class Death {
  readonly #controller = new AbortController();
  readonly happened: Promise<"dead"> = new Promise((resolve) =>
    this.#controller.signal.addEventListener("abort", () => resolve("dead")),
  );

  strike(): void {
    this.#controller.abort();
  }

  /** The same, as long as the process lives: after that no call is made, and no answer arrives. */
  mortal<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          if (this.#controller.signal.aborted) return never();
          const result: unknown = await value.apply(target, args);
          return this.#controller.signal.aborted ? never() : result;
        };
      },
    });
  }
}

export const never = () => new Promise<never>(() => {});
