import { Secret } from "../domain/secret.ts";

const MAX_LENGTH = 300;
const HIDDEN = "The server's own words quote a secret and are left out.";
/** Shorter parts of a link are words such as `reset-password`. */
const TOKEN_MIN_LENGTH = 16;

/** What a server said, on one line and not too long; nothing of it if it quotes one of the secrets. */
export function serverText(text: string, secrets: readonly Secret[]): string {
  if (secrets.some((secret) => secret.showsIn(text))) return HIDDEN;
  const line = text.replace(/[\s\p{C}]+/gu, " ").trim();
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
