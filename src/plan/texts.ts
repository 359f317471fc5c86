import { createHash } from "node:crypto";

/**
 * Texts from outside hold anything, and no database keeps everything: PostgreSQL refuses U+0000, half of a surrogate
 * pair is no UTF-8, and an index takes no long keys.
 */

/** Stands where a character was that cannot be kept. */
const MARK = "\uFFFD";
/** A mark of the text's own counts as well, where it reads like one of ours. */
const UNKEPT = /[\0\p{Surrogate}]|\uFFFD(?=[0-9a-f]{4})/gu;

const KEY_MAX_BYTES = 512;
const KEY_START = 64;

/** For what is read and never compared. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", MARK);
}

/** For what tells things apart: different texts stay different, and nearly every text stays as it is. */
export function storableKey(text: string): string {
  const key = text.replaceAll(UNKEPT, (one) => MARK + one.charCodeAt(0).toString(16).padStart(4, "0"));
  if (Buffer.byteLength(key) <= KEY_MAX_BYTES) return key;
  const digest = createHash("sha256").update(key).digest("hex");
  return `${[...key].slice(0, KEY_START).join("")}${MARK}${digest}`;
}
