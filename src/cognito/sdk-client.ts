import {
  CognitoIdentityProviderClient,
  type CognitoIdentityProviderClientConfig,
} from "@aws-sdk/client-cognito-identity-provider";
import { collectCapped } from "./capped-answers.ts";
import { refuseInClear } from "./in-clear.ts";

export interface SdkClientOptions {
  region: string;
  callTimeoutMs: number;
  protocol?: NonNullable<CognitoIdentityProviderClientConfig["protocol"]>;
}

/** The AWS SDK, with no second attempt of its own. Credentials and endpoint are found by it, in its usual order. */
export function createSdkClient({
  region,
  callTimeoutMs,
  protocol,
}: SdkClientOptions): CognitoIdentityProviderClient {
  const client = new CognitoIdentityProviderClient({
    region,
    ...(protocol === undefined ? {} : { protocol }),
    maxAttempts: 1,
    retryMode: "standard",
    streamCollector: collectCapped,
    requestHandler: {
      connectionTimeout: callTimeoutMs,
      requestTimeout: callTimeoutMs,
      // An answer that stalls after its headers is not under the request's timeout.
      socketTimeout: callTimeoutMs,
      // Without it the SDK only logs a warning.
      throwOnRequestTimeout: true,
    },
  });
  // It copies every answer, people, tokens and all, for a logger that nobody sets.
  client.middlewareStack.remove("loggerMiddleware");
  client.middlewareStack.add(
    (next) => (call) => {
      refuseInClear(call.request);
      return next(call);
    },
    { step: "finalizeRequest", name: "refuseInClear", priority: "high" },
  );
  return client;
}
