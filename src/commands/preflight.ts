import { setTimeout as sleep } from "node:timers/promises";
import type { PoolShape, SourceAnswer, UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import type { Answer, Destination } from "../destinations/destination.ts";
import { required, UsageError } from "../exit.ts";
import type { Migration } from "../migration.ts";
import type { Settings } from "../settings.ts";
import { destinationFor } from "../temporal/deps.ts";

/** Looks at both sides before anything is started. Everything throws UsageError with one sentence. */

const THROTTLED_TRIES = 5;
const THROTTLED_WAIT_MS = 1_000;

/** The destination, its settings present and its limits good for the file's mapping. */
export function checkMapping(migration: Migration, settings: Settings): Destination {
  required(settings.workos);
  const destination = destinationFor(settings, migration.destination.kind);
  const [problem] = destination.mappingProblems(Object.values(migration.attributes));
  if (problem !== undefined) throw new UsageError(`The migration file is wrong: "attributes": ${problem}`);
  return destination;
}

/** Proves the access to the pool and to the destination. */
export async function checkAccess(migration: Migration, destination: Destination): Promise<PoolShape> {
  const source = createUserSource(migration.source);
  try {
    const shape = await readPool(source, migration);
    await askPatiently(
      () => destination.checkAccess(),
      (problem) => destinationSentence(destination, problem),
    );
    return shape;
  } finally {
    source.close();
  }
}

async function readPool(source: UserSource, migration: Migration): Promise<PoolShape> {
  const explain = (problem: Failed<SourceAnswer<unknown>>) => sourceSentence(migration, problem);
  const shape = await askPatiently(() => source.describePool(), explain);
  await askPatiently(() => source.listUsers(null, 1), explain);
  const unknown = Object.keys(migration.attributes).find((name) => !shape.attributeNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`The pool has no attribute "${unknown}"; mend "attributes" in the migration file.`);
  return shape;
}

type Failed<A> = Extract<A, { ok: false }>;

async function askPatiently<T, P extends { ok: false; problem: string }>(
  ask: () => Promise<{ ok: true; value: T } | P>,
  explain: (problem: P) => string,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if (answer.ok) return answer.value;
    if (answer.problem !== "slow_down" || tries === THROTTLED_TRIES) throw new UsageError(explain(answer));
    await sleep(THROTTLED_WAIT_MS);
  }
}

function sourceSentence({ source }: Migration, failed: Failed<SourceAnswer<unknown>>): string {
  switch (failed.problem) {
    case "access_lost":
      if (failed.code === "CredentialsProviderError")
        return "There are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
      return `AWS refuses to read the pool (${failed.code}); check the credentials and their permissions (docs/security.md).`;
    case "not_found":
      return `There is no user pool ${source.userPoolId} in ${source.region}; check source.userPoolId, source.region and the AWS account.`;
    case "slow_down":
      return "Cognito throttles the account at the moment; try again in a while.";
    case "dead_token":
    case "unavailable":
      return `Cognito does not answer${"code" in failed ? ` (${failed.code})` : ""}; check source.region, AWS's endpoint settings and the network.`;
    case "refused":
      return `Cognito refuses the call (${failed.code}); check source.userPoolId and source.region.`;
  }
}

function destinationSentence({ kind }: Destination, failed: Failed<Answer<unknown>>): string {
  const name = kind === "workos" ? "WorkOS" : kind;
  switch (failed.problem) {
    case "access_lost":
      return `${name} refuses the API key (${failed.code}); check WORKOS_API_KEY.`;
    case "slow_down":
      return `${name} throttles the environment at the moment; try again in a while.`;
    case "unavailable":
      return `${name} does not answer (${failed.code}); check WORKOS_API_URL and the network.`;
  }
}
