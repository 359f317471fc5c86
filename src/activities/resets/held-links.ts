import type { MailSink } from "../../delivery/mail-sink.ts";
import type { ResetLink } from "../../destinations/resets.ts";

/** A link with less time left is not sent. */
const MIN_LIFE_MS = 10 * 60_000;

export interface HeldLink extends ResetLink {
  resetId: string;
}

/** Links whose mail was put off, by sub: in this worker's memory alone, until they are handed over or too old. */
class HeldLinks {
  readonly #links = new Map<string, HeldLink>();

  /** Null for none with enough time left. */
  get(sub: string): HeldLink | null {
    const link = this.#links.get(sub);
    return link !== undefined && isFresh(link) ? link : null;
  }

  keep(sub: string, link: HeldLink): void {
    for (const [other, old] of this.#links) if (!isFresh(old)) this.#links.delete(other);
    this.#links.set(sub, link);
  }

  drop(sub: string): void {
    this.#links.delete(sub);
  }
}

function isFresh({ expiresAt }: HeldLink): boolean {
  return expiresAt.getTime() - Date.now() > MIN_LIFE_MS;
}

const OF_SINKS = new WeakMap<MailSink, HeldLinks>();

/** A mail that is put off is tried again by a later batch: each of a worker knows the links of those before it. */
export function heldLinksOf(sink: MailSink): HeldLinks {
  const held = OF_SINKS.get(sink) ?? new HeldLinks();
  OF_SINKS.set(sink, held);
  return held;
}
