import type { Ledger } from "../../ledger/ledger.ts";
import {
  likeLostForMs,
  noteLostLink,
  noteUnsentLink,
  type RecordedLink,
  unsentAmong,
} from "../../ledger/unsent-links.ts";

/** What the ledger knows, and has to know, of links that are in nobody's hands. */
export interface UnsentLinks {
  note(resetId: string): Promise<void>;
  /** Its answer was lost, so long after the call began. */
  noteLost(sub: string, tookMs: number): Promise<void>;
  /** Which of these links, oldest first, nobody has; by the destination's names for them. */
  among(links: readonly RecordedLink[]): Promise<ReadonlySet<string>>;
  /** How long another link of this person could be taken for a lost one; 0 where it could not. */
  likeLostForMs(sub: string): Promise<number>;
}

export function unsentLinksOf(ledger: Ledger, migrationId: number, callTimeoutMs: number): UnsentLinks {
  return {
    note: (resetId) => ledger.changeSoon((db) => noteUnsentLink(db, migrationId, resetId)),
    noteLost: (sub, tookMs) =>
      ledger.changeSoon((db) => noteLostLink(db, migrationId, { sub, tookMs, callTimeoutMs })),
    among: (links) => ledger.writeSoon((tx) => unsentAmong(tx, migrationId, links)),
    likeLostForMs: (sub) => ledger.read((db) => likeLostForMs(db, migrationId, { sub, callTimeoutMs })),
  };
}
