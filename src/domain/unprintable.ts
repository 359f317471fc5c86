/**
 * Characters that act instead of being seen: controls (C0, DEL, C1), separators of lines and paragraphs, marks that
 * turn the direction of writing, and halves of a pair. A terminal obeys them, a page shows something else than is there.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
