/**
 * A strict stand-in of AWS Secrets Manager: real HTTP on loopback, one account, all regions.
 * Derived from AWS's service model of `secretsmanager` 2017-10-17 and its API reference (members, constraints, errors,
 * what a repeated ClientRequestToken does, permissions), and the protocol "AWS JSON 1.1"
 * (smithy.io/2.0/aws/protocols). Staging labels are those of `PutSecretValue` (VersionStages; a secret's first version is
 * AWSCURRENT in any case) and of `UpdateSecretVersionStage`: "If the label is attached and you either do not specify this
 * parameter [RemoveFromVersionId], or the version ID does not match, then the operation fails."
 * Never compared with a live account: message texts, the order of checks, and the error of a label that is elsewhere
 * (InvalidParameterException is what users of the API report). It has no rotation, no replicas, no binary secrets, no
 * quotas, and removes no version.
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import { attempt, handlerOf, operationReader, parseBody, respond } from "../shared/aws-json.ts";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, serve } from "../shared/serve.ts";
import { controlRoutes } from "../shared/serve-control.ts";
import { authorize } from "./authorize.ts";
import { OPERATIONS } from "./operations.ts";
import { type OptionsWish, optionsSchema } from "./options.ts";
import { createSecrets, renderState, type Secrets } from "./secrets.ts";

export interface SecretsManagerWish {
  port?: number;
  options?: OptionsWish;
}

export interface SecretsManagerDouble {
  url: string;
  port: number;
  secrets: Secrets;
  journal: Journal;
  faults: Faults;
  /** Changes the options named and keeps the others. */
  setOptions(options: OptionsWish): void;
  close(): Promise<void>;
}

const operationOf = operationReader("secretsmanager.");

export async function startSecretsManagerDouble(
  wish: SecretsManagerWish = {},
): Promise<SecretsManagerDouble> {
  const secrets = createSecrets();
  const journal = createJournal();
  const faults = createFaults();
  let options = optionsSchema.parse(wish.options ?? {});

  const setOptions = (wished: unknown) => {
    const named = z.record(z.string(), z.unknown()).parse(wished);
    options = optionsSchema.parse({ ...options, ...named });
  };

  const perform = (context: Context<DoubleEnv>, text: string): unknown => {
    const { headers } = context.req.raw;
    const handler = handlerOf(OPERATIONS, operationOf(context), headers);
    const region = authorize(headers, options);
    const about = (name: string) => context.set("key", name);
    return handler({ secrets, options, region, body: parseBody(text), about });
  };

  const app = new Hono<DoubleEnv>();
  const state = () => ({ secrets: renderState(secrets), options });
  app.route("/__double", controlRoutes({ journal, faults, state, setOptions }));
  app.use(disturb({ journal, faults, operationOf }));
  app.post("/", async (context) => {
    const text = await context.req.text();
    return respond(attempt(() => perform(context, text), "Message"));
  });

  const { url, port, close } = await serve(app, wish.port);
  return { url, port, secrets, journal, faults, setOptions, close };
}
