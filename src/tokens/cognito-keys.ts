import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import type { RefusedToken } from "./answers.ts";
import type { KeySet, SigningKey } from "./key-set.ts";

/** Thrown through aws-jwt-verify, which knows keys as found or thrown. */
export class KeyNotHad extends Error {
  readonly refusal: RefusedToken;

  constructor(refusal: RefusedToken) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

type TokenParts = Parameters<SimpleJwksCache["getJwk"]>[1];

/** Gives aws-jwt-verify the keys of a key set. Its own cache keeps a withdrawn key until the process ends. */
export class CognitoKeys extends SimpleJwksCache {
  readonly #keys: KeySet;

  constructor(keys: KeySet) {
    super();
    this.#keys = keys;
  }

  override async getJwk(_address: string, { header }: TokenParts): Promise<SigningKey> {
    const found = await this.#keys.find(header.kid ?? "");
    if (!found.ok) throw new KeyNotHad(found);
    return found.key;
  }
}
