import { createRandom, type Random } from "./random.ts";

/** Draws what a set-up needs of ids and secrets, from a stream of its own. */
export interface Secrets {
  /** Of an identity provider's own making. */
  providerSecret(): string;
  /** As Cognito makes them: lower case and digits. */
  clientSecret(): string;
  clientId(): string;
}

/** Apart from the stream that users of the same seed come from. */
const STREAM = 0x5ec2e7;
/** Within Cognito's model: secrets have 24 to 64 characters, ids up to 128. */
const CLIENT_SECRET_LENGTH = 52;
const CLIENT_ID_LENGTH = 26;

export function createSecrets(seed: number, marker: () => string = () => ""): Secrets {
  const random = createRandom(seed ^ STREAM);
  return {
    providerSecret: () => `${marker()}${random.uuid()}`,
    clientSecret: () => `${marker()}${letters(random)}`.slice(0, CLIENT_SECRET_LENGTH),
    clientId: () => letters(random).slice(0, CLIENT_ID_LENGTH),
  };
}

/** 64 of them. */
function letters(random: Random): string {
  return `${random.uuid()}${random.uuid()}`.replaceAll("-", "");
}
