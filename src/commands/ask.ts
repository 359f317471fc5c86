import { setTimeout as sleep } from "node:timers/promises";
import type { SourceAnswer } from "../cognito/source.ts";
import type { Answer, Destination } from "../destinations/destination.ts";
import { failureSentence } from "../destinations/failure-sentence.ts";
import { vendorOf } from "../destinations/registry.ts";
import type { Migration } from "../domain/migration.ts";
import { UsageError } from "../exit.ts";

/** Asks one of both sides while somebody waits for the answer, and says in one sentence why there is none. */

const THROTTLED_TRIES = 5;
const THROTTLED_WAIT_MS = 1_000;

type Failed<A> = Extract<A, { ok: false }>;
export type SourceFailure = Failed<SourceAnswer<unknown>>;
type DestinationFailure = Failed<Answer<unknown>>;

/** What was answered, and a refusal as it is; waits a little where the other side asks to slow down. */
export async function askPatiently<A extends { ok: true } | { ok: false; problem: string }>(
  ask: () => Promise<A>,
): Promise<A> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if (answer.ok || answer.problem !== "slow_down" || tries === THROTTLED_TRIES) return answer;
    await sleep(THROTTLED_WAIT_MS);
  }
}

/** Throws UsageError where Cognito does not answer well. */
export async function askSource<T>(
  pool: Migration["source"],
  ask: () => Promise<SourceAnswer<T>>,
): Promise<T> {
  const answer = await askPatiently(ask);
  if (!answer.ok) throw new UsageError(sourceSentence(pool, answer));
  return answer.value;
}

/** Throws UsageError where the destination does not answer well. */
export async function askDestination<T>(destination: Destination, ask: () => Promise<Answer<T>>): Promise<T> {
  const answer = await askPatiently(ask);
  if (!answer.ok) throw new UsageError(destinationSentence(destination, answer));
  return answer.value;
}

export function sourceSentence({ userPoolId, region }: Migration["source"], failed: SourceFailure): string {
  switch (failed.problem) {
    case "access_lost":
      if (failed.code === "CredentialsProviderError")
        return "There are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
      return `AWS refuses to read the pool (${failed.code}); check the credentials and their permissions (docs/security.md).`;
    case "not_found":
      return `There is no user pool ${userPoolId} in ${region}; check source.userPoolId, source.region and the AWS account.`;
    case "slow_down":
      return "Cognito throttles the account at the moment; try again in a while.";
    case "dead_token":
      return "The pool was changed while it was read; try again.";
    case "unavailable":
      return `Cognito does not answer (${failed.code}); check source.region, AWS's endpoint settings and the network.`;
    case "refused":
      return `Cognito refuses the call (${failed.code}); check source.userPoolId and source.region.`;
  }
}

export function destinationSentence({ kind }: Destination, failed: DestinationFailure): string {
  return failureSentence(vendorOf(kind), failed);
}

/** What people call a destination. */
export function nameOf(kind: string): string {
  return vendorOf(kind).name;
}
