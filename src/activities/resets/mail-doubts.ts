import type { Destination } from "../../destinations/destination.ts";
import type { SentMail } from "../../destinations/resets.ts";
import type { Call, Outcome } from "../../destinations/sending.ts";
import type { DoubtPositions } from "./doubt-positions.ts";
import type { Recipient } from "./mailing.ts";
import { completeUntilMs, SERVERS_DIFFER_MS, shownBefore } from "./shown.ts";
import type { UnsentLinks } from "./unsent-links.ts";

const UNREADABLE_RETRY_MS = 15_000;
/** Of one reading: somebody's doubt may be old, and the record long. The next reading goes on from there. */
const MAX_PAGES = 500;
/** A record whose pages lead back to one that was read would be read for ever. */
const ENDLESS = "endless_list";

/** Somebody whose mail may be out. */
export interface MailDoubt {
  readonly sub: string;
  /** The destination's record tells of it from here on, if at all, by the destination's clock. */
  readonly sinceMs: number;
  /** Of the time before, the record was read when everything in it had shown. */
  readFromMs: number;
  /** When the last reading began that looked for it, by the ledger's clock; null before the first. */
  lookedAtMs: number | null;
  mail: SentMail | null;
}

/**
 * What the destination's record says of mails that may be out. One reading looks for everybody in doubt, and goes back no
 * further than they need: at forty mails a second, five minutes of the record are a hundred pages.
 */
export class MailDoubts {
  readonly #destination: Destination;
  readonly #lagMs: number;
  readonly #positions: DoubtPositions;
  readonly #unsent: Pick<UnsentLinks, "among">;
  /** By account. */
  readonly #doubts = new Map<string, MailDoubt>();
  #newestMs: number | null = null;
  #isReading = false;

  constructor(
    destination: Destination,
    lagMs: number,
    positions: DoubtPositions,
    unsent: Pick<UnsentLinks, "among">,
  ) {
    this.#destination = destination;
    this.#lagMs = lagMs;
    this.#positions = positions;
    this.#unsent = unsent;
  }

  /** The record tells of no mail that is sent from now on before this; null where nothing was read yet. */
  get nextMailMs(): number | null {
    return this.#newestMs === null ? null : this.#newestMs - SERVERS_DIFFER_MS;
  }

  find(userId: string): MailDoubt | undefined {
    return this.#doubts.get(userId);
  }

  /** The next reading looks for this account's mail. */
  add({ sub, userId }: Pick<Recipient, "sub" | "userId">, sinceMs: number): void {
    const readFromMs = Math.max(sinceMs, this.#positions.of(userId) ?? sinceMs);
    this.#doubts.set(userId, { sub, sinceMs, readFromMs, lookedAtMs: null, mail: null });
  }

  settled(userId: string): void {
    this.#doubts.delete(userId);
  }

  /** Reads the record for everybody, unless somebody else does at this moment. Null unless it could not be read. */
  async read(call: Call): Promise<Outcome | null> {
    if (this.#isReading) return null;
    this.#isReading = true;
    try {
      return await this.#readOnce(call);
    } finally {
      this.#isReading = false;
    }
  }

  async #readOnce(call: Call): Promise<Outcome | null> {
    const sought = [...this.#doubts].filter(([, { mail }]) => mail === null);
    const fromMs = Math.min(...sought.map(([, { readFromMs }]) => readFromMs));
    const beganAtMs = call.nowMs();
    const shownToMs = shownBefore(this.#newestMs, beganAtMs);
    const seen = new Set<string>();
    let cursor: string | null = null;
    let lastMs = fromMs;
    do {
      await call.read();
      const page = await this.#destination.resets.sentSince(fromMs, cursor);
      if (!page.ok) {
        if (page.problem === "slow_down") return { kind: "slow_down", retryAfterMs: page.retryAfterMs };
        if (page.problem === "access_lost") return { kind: "access_lost", code: page.code };
        return unreadable(page.code);
      }
      await this.#see(page.value.mails);
      lastMs = page.value.mails.at(-1)?.atMs ?? lastMs;
      cursor = page.value.nextCursor;
      if (cursor !== null && seen.has(cursor)) return unreadable(ENDLESS);
      if (cursor !== null) seen.add(cursor);
    } while (cursor !== null && seen.size < MAX_PAGES);
    const readToMs = completeUntilMs(Math.min(lastMs, shownToMs), this.#lagMs);
    for (const [, doubt] of sought) {
      if (cursor === null) doubt.lookedAtMs = beganAtMs;
      doubt.readFromMs = Math.max(doubt.readFromMs, readToMs);
    }
    if (cursor === null) return null;
    if (readToMs <= fromMs) return unreadable(ENDLESS);
    const unfound = sought.filter(([, { mail }]) => mail === null);
    await this.#positions.keep(new Map(unfound.map(([userId, { readFromMs }]) => [userId, readFromMs])));
    return null;
  }

  /** The record names links that were handed to nobody as well. */
  async #see(mails: readonly SentMail[]): Promise<void> {
    const sought = mails.flatMap((mail) => {
      this.#newestMs = Math.max(this.#newestMs ?? mail.atMs, mail.atMs);
      const doubt = this.#doubts.get(mail.userId);
      return doubt !== undefined && mail.atMs >= doubt.sinceMs ? [{ doubt, mail }] : [];
    });
    if (sought.length === 0) return;
    const unsent = await this.#unsent.among(sought.map(({ doubt: { sub }, mail }) => ({ sub, ...mail })));
    for (const { doubt, mail } of sought) if (!unsent.has(mail.resetId)) doubt.mail ??= mail;
  }
}

function unreadable(code: string): Outcome {
  return { kind: "unknown", code, message: "", retryAfterMs: UNREADABLE_RETRY_MS };
}
