import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A salted digest, as LDAP servers write it: base64 of the digest with its salt behind it. */
export interface PasswordHash {
  algorithm: "sha1" | "sha256";
  /** Where the salt stood when the digest was made. */
  saltPosition: "prefix" | "suffix";
  digest: Buffer;
  salt: Buffer;
}

export type NewPassword = { kind: "text"; text: string } | { kind: "hash"; hash: PasswordHash };

/** Who has which password, by user id. One quick round of a digest is enough for passwords that tests make up. */
export class PasswordStore {
  readonly #hashes = new Map<string, PasswordHash>();

  set(userId: string, password: NewPassword): void {
    this.#hashes.set(userId, password.kind === "hash" ? password.hash : hashOf(password.text));
  }

  /** False also for someone without a password. */
  is(userId: string, text: string): boolean {
    const hash = this.#hashes.get(userId);
    return hash !== undefined && timingSafeEqual(digestOf(text, hash), hash.digest);
  }

  remove(userId: string): void {
    this.#hashes.delete(userId);
  }
}

function hashOf(text: string): PasswordHash {
  const form = { algorithm: "sha256", saltPosition: "prefix", salt: randomBytes(16) } as const;
  return { ...form, digest: digestOf(text, form) };
}

function digestOf(text: string, { algorithm, saltPosition, salt }: Omit<PasswordHash, "digest">): Buffer {
  const bytes = Buffer.from(text);
  const salted = saltPosition === "prefix" ? [salt, bytes] : [bytes, salt];
  return createHash(algorithm).update(Buffer.concat(salted)).digest();
}
