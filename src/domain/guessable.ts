import { hash } from "node:crypto";

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

/** What people hash where something random is asked for, beside the words that are looked for in clear. */
const HASHED_WORDS = [
  ...["", "abc", "administrator", "changeit", "changeme", "dev", "dragon", "foo", "iloveyou", "key"],
  ...["passw0rd", "p@ssw0rd", "password", "production", "qwerty", "root", "secret-key", "secretkey"],
  ...["supersecret", "user", "0", "000000", "111111", "1234", "12345", "123456", "12345678"],
  ...["123456789", "1234567890"],
];
/** What rules about passwords make of a word. A shell's echo ends its line. */
const ENDS = ["", "\n", "1", "1\n", "123", "123\n"];
const ALGORITHMS = [
  ...["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256", "sha3-256", "sha3-512"],
  ...["blake2b512", "ripemd160"],
];

/** The shortest secret there is. */
const CUT_BYTES = 16;

/** Also of a hash that was cut at its end, written more than once, or pressed into a UUID. */
function isHashOfWord(bytes: Buffer): boolean {
  wordHashes ??= new Set(hashesOfWords());
  return wordHashes.has(cut(bytes));
}

/** Made for the first secret. */
let wordHashes: Set<string> | undefined;

function* hashesOfWords(): Generator<string> {
  for (const word of new Set([...HASHED_WORDS, ...PLAIN_WORDS]))
    for (const written of new Set([word, word.slice(0, 1).toUpperCase() + word.slice(1), word.toUpperCase()]))
      for (const end of ENDS)
        for (const algorithm of ALGORITHMS) yield cut(hash(algorithm, written + end, "buffer"));
}

/** Without the two digits that make a UUID of it (RFC 9562, 5.4): nobody meets the other thirty by chance. */
function cut(bytes: Buffer): string {
  const head = Buffer.from(bytes.subarray(0, CUT_BYTES));
  head.writeUInt8(head.readUInt8(6) & 0x0f, 6);
  head.writeUInt8(head.readUInt8(8) & 0x0f, 8);
  return head.toString("latin1");
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

/** What stands in examples, placeholders and passwords. Shorter words turn up in random text as well. */
const PLAIN_WORDS = [
  ..."admin another apikey bearer between bridge caller change character company cognito".split(" "),
  ..."default demo development dolor dummy enter example foobar generate hello hmac hunter".split(" "),
  ..."insert ipsum least length letmein local login long lorem mail migrat minimum monkey".split(" "),
  ..."must mysecret never next only passphrase please private prod public random replace".split(" "),
  ..."sample secret secure shared sign some spillway staging string strong super template".split(" "),
  ..."test that this todo token value very webhook welcome with world your".split(" "),
];
/** What else does, and what can be spelt in hex. */
const WORD_PATTERNS = [
  ...["passw[o0]rd", "cafe[bd]", "f[ae]ce"],
  ..."baadf00d badf00d cafef00d deadbeef deadc0de defec8ed f00d feed".split(" "),
];
const WORDS = new RegExp([...PLAIN_WORDS, ...WORD_PATTERNS].join("|"), "g");

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
