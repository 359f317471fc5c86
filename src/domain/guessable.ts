import { createHash } from "node:crypto";

/**
 * Whether a shared secret could be guessed, as far as it shows: whatever does not look as if a random generator made it.
 * Of what `openssl rand -hex 32` gives, next to nothing is refused.
 */
export function isGuessable(secret: string): boolean {
  const bytes = bytesOf(secret);
  return bytes === null || isText(bytes) || isHashOfWord(bytes) || isPlain(secret.toLowerCase());
}

/** What is wrong with a setting that holds such a secret. */
export const GUESSABLE =
  "can be guessed: it does not look random; make one with `openssl rand -hex 32`, and take it as it is";

/** 16 random bytes. */
const HEX = /^[0-9a-f]{32,}$/i;
/** Version 4 alone is random (RFC 9562, 5.4). */
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** 24 random bytes, of which nearly all have digits and letters of both cases. Both alphabets (RFC 4648, 4 and 5). */
const BASE64 = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/-]{32,}={0,2}$/;

/** Null for what is neither hex nor Base64, or reads like words. */
function bytesOf(secret: string): Buffer | null {
  if (HEX.test(secret)) return Buffer.from(secret, "hex");
  if (RANDOM_UUID.test(secret)) return Buffer.from(secret.replaceAll("-", ""), "hex");
  return BASE64.test(secret) && !readsLikeWords(secret) ? Buffer.from(secret, "base64") : null;
}

/** Base64 of words: 24 random bytes are no text. */
function isText(bytes: Buffer): boolean {
  return /^[\t\n\r\x20-\x7e]*$/.test(bytes.toString("latin1"));
}

/** Pairs of letters that are frequent in English, and in languages that are near to it. */
const FREQUENT_PAIRS: ReadonlySet<string> = new Set([
  ..."th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le".split(" "),
  ..."ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur".split(" "),
]);
/** Of words nearly half of the pairs are frequent ones, of random letters one in fourteen. */
const MOST_FREQUENT = 0.28;

function readsLikeWords(text: string): boolean {
  const letters = text.toLowerCase();
  const pairs = [...letters]
    .map((_, at) => letters.slice(at, at + 2))
    .filter((pair) => /^[a-z]{2}$/.test(pair));
  return pairs.filter((pair) => FREQUENT_PAIRS.has(pair)).length > pairs.length * MOST_FREQUENT;
}

/** What people hash where something random is asked for. */
const HASHED_WORDS = [
  ...["", "admin", "bridge", "changeme", "cognito", "default", "demo", "dev", "example", "foo", "hello"],
  ...["key", "letmein", "local", "password", "password1", "prod", "production", "qwerty", "root", "secret"],
  ...["secret-key", "secretkey", "spillway", "staging", "test", "token", "webhook", "welcome"],
  ...["0", "1", "123", "1234", "12345", "123456", "12345678", "123456789", "1234567890"],
];
const ALGORITHMS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

function isHashOfWord(bytes: Buffer): boolean {
  return HASHED_WORDS.some((word) =>
    // A shell's echo ends its line.
    [word, `${word}\n`].some((text) =>
      ALGORITHMS.some((algorithm) => createHash(algorithm).update(text).digest().equals(bytes)),
    ),
  );
}

/** Words, rows and repeats are taken out, and enough has to be left. */
function isPlain(secret: string): boolean {
  const left = [WORDS, ROWS, REPEATED_PARTS, REPEATED_CHARACTERS].reduce(
    (text, pattern) => text.replace(pattern, "-"),
    secret,
  );
  return left.length < MIN_LEFT || new Set(left).size < MIN_DIFFERENT;
}

/** Of 16 random bytes in hex, 32 are there to begin with: fewer than one such secret in 100,000 is refused. */
const MIN_LEFT = 20;
const MIN_DIFFERENT = 8;

/** What stands in examples, placeholders and passwords, or can be spelt in hex. Shorter words turn up in random text as well. */
const WORDS = new RegExp(
  [
    ...[
      "admin",
      "another",
      "apikey",
      "bearer",
      "between",
      "bridge",
      "caller",
      "change",
      "character",
      "company",
      "cognito",
    ],
    ...[
      "default",
      "demo",
      "development",
      "dolor",
      "dummy",
      "enter",
      "example",
      "foobar",
      "generate",
      "hello",
    ],
    ...["hmac", "hunter", "insert", "ipsum", "least", "length", "letmein", "local", "login", "long", "lorem"],
    ...["mail", "migrat", "minimum", "monkey", "must", "mysecret", "never", "next", "only", "passphrase"],
    ...[
      "passw[o0]rd",
      "please",
      "private",
      "prod",
      "public",
      "random",
      "replace",
      "sample",
      "secret",
      "secure",
    ],
    ...[
      "shared",
      "sign",
      "some",
      "spillway",
      "staging",
      "string",
      "strong",
      "super",
      "template",
      "test",
      "that",
    ],
    ...[
      "baadf00d",
      "badf00d",
      "cafe[bd]",
      "cafef00d",
      "deadbeef",
      "deadc0de",
      "defec8ed",
      "f00d",
      "f[ae]ce",
      "feed",
    ],
    ...["this", "todo", "token", "value", "very", "webhook", "welcome", "with", "world", "your"],
  ].join("|"),
  "g",
);

const KEYBOARD_ROWS = ["1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const ROW_LENGTH = 4;

/** Four in a row or more, either way. */
const ROWS = new RegExp(
  KEYBOARD_ROWS.flatMap((row) => [row, [...row].reverse().join("")])
    .flatMap((row) => piecesOf(row))
    .join("|"),
  "g",
);

const REPEATED_PARTS = /(.{3,16}?)\1+|(..)\2{2,}/g;
const REPEATED_CHARACTERS = /(.)\1{2,}/g;

/** The longest ones first, so that a row is taken whole. */
function piecesOf(row: string): string[] {
  const pieces: string[] = [];
  for (let length = row.length; length >= ROW_LENGTH; length -= 1)
    for (let at = 0; at + length <= row.length; at += 1) pieces.push(row.slice(at, at + length));
  return pieces;
}
