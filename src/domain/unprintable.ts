/**
 * Characters that act instead of being seen, or are not seen at all. A terminal obeys them, a page shows something else
 * than is there, and two names that look alike are not the same.
 */

/** Controls (C0, DEL, C1), halves of a pair, separators of lines and paragraphs, marks around notes between lines. */
const ACTING = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb`;
/** Of no width, turning the direction of writing, choosing a variant, tags, fillers: all that Unicode leaves unshown. */
const UNSEEN = String.raw`\p{Default_Ignorable_Code_Point}`;

/** Scripts whose words are written with joiners and non-joiners. */
const JOINED = [
  "Arab",
  "Beng",
  "Deva",
  "Gujr",
  "Guru",
  "Knda",
  "Mlym",
  "Mymr",
  "Orya",
  "Sinh",
  "Taml",
  "Telu",
]
  .map((script) => String.raw`\p{scx=${script}}`)
  .join("");
const PICTURE = String.raw`\p{Extended_Pictographic}`;

/** Where such a character is a part of what is seen: one at a time, so that nothing can be hidden in them. */
const SEEN = [
  String.raw`(?<=[${JOINED}])[\u200c\u200d](?=[${JOINED}])`,
  // In an emoji made of several, behind one, and in a key's. Flags of regions are made of tags, and are not spared.
  String.raw`(?<=${PICTURE}\p{Emoji_Modifier}?\ufe0f?)\u200d(?=${PICTURE})`,
  String.raw`(?<=${PICTURE})\ufe0f`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
].join("|");

export const UNPRINTABLE = new RegExp(`(?!${SEEN})[${ACTING}${UNSEEN}]`, "gu");
