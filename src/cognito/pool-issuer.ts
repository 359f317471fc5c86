import { Readable } from "node:stream";
import type { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { z } from "zod";
import { collectCapped } from "./capped-answers.ts";

/** Who issues a pool's tokens, as the pool itself says: its address hangs on the partition and on the pool's set-up. */

const MAX_DOCUMENT_BYTES = 64 * 1_024;
const documentSchema = z.looseObject({ issuer: z.string() });

/** The hosts of both types of issuers (API reference, `IssuerConfigurationType`), in whatever partition. */
const AWS_HOST = /^(issuer-)?cognito-idp\./;

/** Learns once, and is asked again as long as there was no answer. */
export class PoolIssuer {
  readonly #client: CognitoIdentityProviderClient;
  readonly #userPoolId: string;
  readonly #timeoutMs: number;
  #learned: readonly string[] | null = null;
  #learning: Promise<readonly string[] | null> | null = null;

  constructor(client: CognitoIdentityProviderClient, userPoolId: string, timeoutMs: number) {
    this.#client = client;
    this.#userPoolId = userPoolId;
    this.#timeoutMs = timeoutMs;
  }

  /** What the `iss` of this pool's tokens may be; null where its discovery document cannot be read. */
  async learn(): Promise<readonly string[] | null> {
    if (this.#learned !== null) return this.#learned;
    this.#learning ??= this.#read().finally(() => {
      this.#learning = null;
    });
    this.#learned = await this.#learning;
    return this.#learned;
  }

  async #read(): Promise<readonly string[] | null> {
    const address = `${await endpointOf(this.#client)}/${this.#userPoolId}`;
    const document = await readDocument(`${address}/.well-known/openid-configuration`, this.#timeoutMs);
    const parsed = documentSchema.safeParse(document);
    return parsed.success ? issuersOf(parsed.data.issuer, address, this.#userPoolId) : null;
  }
}

/**
 * Where the SDK sends its calls. Without FIPS and dual stack: Cognito documents discovery at the plain endpoint of a
 * region alone.
 */
async function endpointOf({ config }: CognitoIdentityProviderClient): Promise<string> {
  const named = await config.serviceConfiguredEndpoint?.();
  const Region = await config.region();
  const { url } = config.endpointProvider({ Region, ...(named !== undefined && { Endpoint: named }) });
  return url.href.replace(/\/+$/, "");
}

/** Undefined where there is no answer, or none that is JSON. No redirect is followed: it would lead away from AWS. */
async function readDocument(address: string, timeoutMs: number): Promise<unknown> {
  try {
    const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok || answer.body === null) return undefined;
    const bytes = await collectCapped(Readable.fromWeb(answer.body), MAX_DOCUMENT_BYTES);
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * A pool may be switched between AWS's two types of issuers at any time, so one that names either has both. Null for an
 * issuer that is not this pool's.
 */
function issuersOf(issuer: string, address: string, userPoolId: string): readonly string[] | null {
  // An endpoint of one's own that speaks for itself.
  if (issuer === address) return [issuer];
  const host = URL.canParse(issuer) ? new URL(issuer).host : "";
  if (!AWS_HOST.test(host) || issuer !== `https://${host}/${userPoolId}`) return null;
  const regional = host.replace(/^issuer-/, "");
  return [`https://${regional}/${userPoolId}`, `https://issuer-${regional}/${userPoolId}`];
}
