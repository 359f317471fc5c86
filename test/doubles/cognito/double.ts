/**
 * A strict stand-in of Cognito's API for user pools: real HTTP on loopback, one pool, which no call changes.
 * Derived from AWS's service model of `cognito-idp` 2016-04-18 (members, constraints, declared errors), the protocol
 * "AWS JSON 1.1" (smithy.io/2.0/aws/protocols), AWS's page "Quotas in Amazon Cognito", its "Common error types" and
 * aws/aws-sdk-js-v3#7071 (short pages). Never compared with a live account: message texts and the order of checks.
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Pool } from "../pool/pool.ts";
import { attempt, handlerOf, operationReader, parseBody, respond } from "../shared/aws-json.ts";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, serve } from "../shared/serve.ts";
import { controlRoutes } from "../shared/serve-control.ts";
import { createSigningKey } from "../shared/signing-key.ts";
import { authorize, type Caller } from "./authorize.ts";
import { createChains } from "./chains.ts";
import { discoveryDocument, issuerOf } from "./issuer.ts";
import { LockOuts } from "./lock-outs.ts";
import { OPERATIONS } from "./operations.ts";
import { type OptionsWish, optionsSchema } from "./options.ts";
import { peopleControl } from "./people-control.ts";
import { createQuota } from "./quota.ts";
import { PUBLIC_OPERATIONS } from "./sign-in-operations.ts";

export interface CognitoWish {
  /** Read anew on every call: a test may change it while the double runs. */
  pool: Pool;
  port?: number;
  options?: OptionsWish;
  /** The clock that lock-outs go by; the machine's unless given. */
  nowMs?: () => number;
  /** Sees every call that the double answers itself, that is without a fault. */
  onExchange?: (exchange: Exchange) => void;
}

export interface Exchange {
  operation: string;
  /** The bodies, as they went over the wire. */
  request: string;
  answer: string;
  status: number;
}

export interface CognitoDouble {
  url: string;
  port: number;
  pool: Pool;
  journal: Journal;
  faults: Faults;
  /** Changes the options named and keeps the others. */
  setOptions(options: OptionsWish): void;
  close(): Promise<void>;
}

const operationOf = operationReader("AWSCognitoIdentityProviderService.");

/** What is read by a plain GET, by how its path ends. */
const PUBLIC_DOCUMENTS: readonly [path: string, operation: string][] = [
  ["/jwks.json", "jwks"],
  ["/openid-configuration", "discovery"],
];

const nameOf = (context: Context<DoubleEnv>) => {
  const { method, path } = context.req;
  const [, document] = PUBLIC_DOCUMENTS.find(([end]) => path.endsWith(end)) ?? [];
  return method === "GET" && document !== undefined ? document : operationOf(context);
};

/** Who does not sign is at an endpoint of the pool's region all the same. */
const anyone = ({ region }: Pool): Caller => ({ accessKey: "", region });

export async function startCognitoDouble(wish: CognitoWish): Promise<CognitoDouble> {
  const { pool, nowMs = Date.now } = wish;
  const journal = createJournal();
  const faults = createFaults();
  const chains = createChains();
  const quota = createQuota();
  const lockOuts = new LockOuts();
  const signingKey = createSigningKey();
  let options = optionsSchema.parse(wish.options ?? {});

  const setOptions = (wished: unknown) => {
    const named = z.record(z.string(), z.unknown()).parse(wished);
    options = optionsSchema.parse({ ...options, ...named });
    if ("killTokensAfterPages" in named) chains.forgetDeaths();
  };

  const perform = (operation: string, headers: Headers, origin: string, text: string): unknown => {
    const handler = handlerOf(OPERATIONS, operation, headers);
    const isPublic = PUBLIC_OPERATIONS.includes(operation);
    const caller = isPublic ? anyone(pool) : authorize(headers, operation, options);
    quota.take(operation, options);
    const body = parseBody(text);
    return handler({ pool, options, chains, lockOuts, nowMs, signingKey, origin, caller, body });
  };

  const app = new Hono<DoubleEnv>();
  const state = () => ({ poolId: pool.poolId, region: pool.region, chains: chains.begun, options });
  app.route("/__double", controlRoutes({ journal, faults, state, setOptions }));
  app.route("/__double", peopleControl(pool));
  app.use(disturb({ journal, faults, operationOf: nameOf }));
  app.get("/:poolId/.well-known/jwks.json", (context) => {
    if (context.req.param("poolId") !== pool.poolId) return context.json({ message: "Not Found" }, 404);
    return context.json({ keys: [signingKey.publicJwk()] });
  });
  app.get("/:poolId/.well-known/openid-configuration", (context) => {
    if (context.req.param("poolId") !== pool.poolId) return context.json({ message: "Not Found" }, 404);
    return context.json(discoveryDocument(issuerOf(pool, options, new URL(context.req.url).origin)));
  });
  app.post("/", async (context) => {
    const operation = operationOf(context);
    const text = await context.req.text();
    const { origin } = new URL(context.req.url);
    const { headers } = context.req.raw;
    const result = attempt(() => perform(operation, headers, origin, text), "message");
    wish.onExchange?.({ operation, request: text, ...result });
    return respond(result);
  });

  const { url, port, close } = await serve(app, wish.port);
  return { url, port, pool, journal, faults, setOptions, close };
}
