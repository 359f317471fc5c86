/**
 * A strict stand-in of Cognito's API for user pools: real HTTP on loopback, read-only, one pool.
 * Derived from AWS's service model of `cognito-idp` 2016-04-18 (members, constraints, declared errors), the protocol
 * "AWS JSON 1.1" (smithy.io/2.0/aws/protocols), AWS's page "Quotas in Amazon Cognito", its "Common error types" and
 * aws/aws-sdk-js-v3#7071 (short pages). Never compared with a live account: message texts and the order of checks.
 */
import { Hono } from "hono";
import { z } from "zod";
import type { Pool } from "../pool/pool.ts";
import { attempt, handlerOf, operationReader, parseBody, respond } from "../shared/aws-json.ts";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, serve } from "../shared/serve.ts";
import { controlRoutes } from "../shared/serve-control.ts";
import { authorize } from "./authorize.ts";
import { createChains } from "./chains.ts";
import { OPERATIONS } from "./operations.ts";
import { type OptionsWish, optionsSchema } from "./options.ts";
import { createQuota } from "./quota.ts";

export interface CognitoWish {
  /** Read anew on every call: a test may change it while the double runs. */
  pool: Pool;
  port?: number;
  options?: OptionsWish;
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

export async function startCognitoDouble(wish: CognitoWish): Promise<CognitoDouble> {
  const { pool } = wish;
  const journal = createJournal();
  const faults = createFaults();
  const chains = createChains();
  const quota = createQuota();
  let options = optionsSchema.parse(wish.options ?? {});

  const setOptions = (wished: unknown) => {
    const named = z.record(z.string(), z.unknown()).parse(wished);
    options = optionsSchema.parse({ ...options, ...named });
    if ("killTokensAfterPages" in named) chains.forgetDeaths();
  };

  const perform = (operation: string, headers: Headers, text: string): unknown => {
    const handler = handlerOf(OPERATIONS, operation, headers);
    const caller = authorize(headers, operation, options);
    quota.take(operation, options);
    return handler({ pool, options, chains, caller, body: parseBody(text) });
  };

  const app = new Hono<DoubleEnv>();
  const state = () => ({ poolId: pool.poolId, region: pool.region, chains: chains.begun, options });
  app.route("/__double", controlRoutes({ journal, faults, state, setOptions }));
  app.use(disturb({ journal, faults, operationOf }));
  app.post("/", async (context) => {
    const operation = operationOf(context);
    const text = await context.req.text();
    const result = attempt(() => perform(operation, context.req.raw.headers, text), "message");
    wish.onExchange?.({ operation, request: text, ...result });
    return respond(result);
  });

  const { url, port, close } = await serve(app, wish.port);
  return { url, port, pool, journal, faults, setOptions, close };
}
