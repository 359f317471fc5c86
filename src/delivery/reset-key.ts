import { createHash } from "node:crypto";
import type { ResetMail } from "./mail-sink.ts";

const KEY_LENGTH = 40;

/** The same for every delivery of one reset, and for no other: by it a receiver knows a double. Gives nothing away. */
export function resetKeyOf({ sub, link }: Pick<ResetMail, "sub" | "link">): string {
  // The link's token has far more room than anyone can search, so the hash is safe to show.
  const hash = createHash("sha256").update(JSON.stringify(["spillway-reset", sub, link.reveal()]));
  return hash.digest("hex").slice(0, KEY_LENGTH);
}
