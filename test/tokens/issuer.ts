import { Hono } from "hono";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { type DoubleEnv, type RunningServer, serve } from "../doubles/shared/serve.ts";

export interface KeyPair {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

export async function keyPair(kid: string): Promise<KeyPair> {
  return { kid, ...(await generateKeyPair("RS256", { extractable: true })) };
}

/** Serves public keys over real HTTP and counts who asks. */
export class KeyServer {
  /** What it lists. */
  keys: object[] = [];
  /** Answered instead of the keys. */
  answer: { status: 500; body: string } | { status: 200; body: string } | null = null;
  /** Each answer waits for this. */
  hold: Promise<void> | null = null;
  calls = 0;
  #server: RunningServer | null = null;
  #port = 0;

  get address(): string {
    return `http://127.0.0.1:${this.#port}/keys.json`;
  }

  async list(...pairs: readonly KeyPair[]): Promise<void> {
    this.keys = await Promise.all(pairs.map(listed));
  }

  async start(): Promise<void> {
    const app = new Hono<DoubleEnv>();
    app.get("/keys.json", async (c) => {
      this.calls += 1;
      await this.hold;
      if (this.answer === null) return c.json({ keys: this.keys });
      return c.body(this.answer.body, this.answer.status);
    });
    this.#server = await serve(app, this.#port);
    this.#port = this.#server.port;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }
}

export async function startKeyServer(...pairs: readonly KeyPair[]): Promise<KeyServer> {
  const server = new KeyServer();
  await server.list(...pairs);
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

async function listed({ kid, publicKey }: KeyPair): Promise<object> {
  return { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
}

export async function sign(claims: object, { kid, privateKey }: KeyPair, typ?: string): Promise<string> {
  const header = { alg: "RS256", kid, ...(typ === undefined ? {} : { typ }) };
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(privateKey);
}

/** The issuer's own signature under whatever header and claims, as SignJWT would never make it. */
export async function signRaw(header: unknown, claims: unknown, { privateKey }: KeyPair): Promise<string> {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

/** A token put together by hand, as an attacker would. */
export function forge(header: object, claims: object, signature = ""): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

/** Seconds since 1970, `seconds` from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
