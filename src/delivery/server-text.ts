import { Secret } from "../domain/secret.ts";

const MAX_LENGTH = 300;
const HIDDEN = "The server's own words quote a secret and are left out.";
const ENCODED = "The server's own words hold something encoded and are left out.";
/** Base64, hex, quoted-printable, percent signs or entities: a secret in it would show to whoever decodes it. */
const LONG_RUNS = /[\w+/=%&#;]{32,}/g;
/** What follows the path of an address, and values that stand with their names: links carry their tokens there. */
const AFTER_PATH = /(:\/\/[^\s?#]{0,300}[?#])[^\s"'<>)]+/g;
const QUERY_VALUE = /([?&][\w.-]{1,40}=)[^\s&"'<>)]+/g;
/** Shorter parts of a link are words such as `reset-password`. */
const TOKEN_MIN_LENGTH = 16;

/**
 * What a server said, on one line, not too long, and without the values of addresses; nothing of it if it quotes one of the
 * secrets, or may do so in another writing.
 */
export function serverText(text: string, secrets: readonly Secret[]): string {
  if (secrets.some((secret) => secret.showsIn(text))) return HIDDEN;
  if (text.match(LONG_RUNS)?.some((run) => /\d/.test(run))) return ENCODED;
  const words = text.replace(/[\s\p{C}]+/gu, " ").trim();
  const line = words.replace(AFTER_PATH, "$1…").replace(QUERY_VALUE, "$1…");
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

/** The parts of a link that are secret: servers may well quote its host, as mail filters do. */
export function secretsOf(link: Secret): Secret[] {
  const parts = link
    .reveal()
    .replace(/^\w+:\/\/[^/?#]*/, "")
    .split(/[/?#&=]/)
    .filter((part) => part.length >= TOKEN_MIN_LENGTH);
  return parts.length === 0 ? [link] : parts.map((part) => new Secret(part));
}
