import { join } from "node:path";
import type { RunAnswer, RunFeed } from "../../src/commands/run-feed.ts";
import { say } from "../../src/commands/say.ts";
import type { MissingProvider } from "../../src/domain/contract.ts";
import { shellLine } from "../../src/domain/shell-line.ts";
import { EXIT_WRONG_USE } from "../../src/exit.ts";
import { runToEnd } from "./children.ts";
import { missingText, since, wrapped } from "./lines.ts";
import { clientIdOf } from "./pool.ts";
import { untilRun } from "./standing.ts";
import { enterGoogle } from "./workos-side.ts";
import { cleanEnvironment, ROOT, type World } from "./world.ts";

/** What the operator does at the gate. */

const GOOGLE = "Google";
const APPLE = "SignInWithApple";

/** Google's secret comes from Cognito, over a command that keeps it to the screen: here it must refuse. */
export async function revealGoogle({ settings }: World): Promise<void> {
  const words = ["credentials", "reveal", GOOGLE];
  say(`Google's client id and secret stand in Cognito. At a terminal this shows them:
  ${shellLine(["./spillway", ...words])}`);
  const env = { ...cleanEnvironment(), ...settings };
  const { code, printed } = await runToEnd(join(ROOT, "spillway"), words, env);
  // What it printed instead may be the secret.
  if (code !== EXIT_WRONG_USE) throw new Error(`credentials reveal ended with ${code}, not with a refusal.`);
  say(`The demo reads through a pipe, so the command keeps the secret back (exit code ${code}):
${wrapped(printed.trim(), "  ")}\n`);
}

/** False for a run that did not see it. */
export async function mistypeGoogle({ pool, workosUrl }: World, feed: RunFeed): Promise<boolean> {
  const clientId = mistyped(clientIdOf(pool, GOOGLE));
  say(`Entering Google in the dashboard, with a mistyped client id:\n  ${clientId}`);
  const enteredAtMs = Date.now();
  await enterGoogle(workosUrl, clientId);
  const answer = await untilRun(feed, (now) => {
    const fault = waitsFor(now, GOOGLE)?.fault;
    return now.state === "Waiting" && fault !== "not_configured" && fault !== null;
  });
  const seen = answer === null ? undefined : waitsFor(answer, GOOGLE);
  if (seen === undefined) return false;
  say(`The run saw it ${since(enteredAtMs)} later, and says:\n${missingText(seen)}\n`);
  return true;
}

/** False for a run that did not see it. */
export async function mendGoogle({ pool, workosUrl }: World, feed: RunFeed): Promise<boolean> {
  const clientId = clientIdOf(pool, GOOGLE);
  say(`Entering Google in the dashboard, as it stands in Cognito:\n  ${clientId}`);
  const enteredAtMs = Date.now();
  await enterGoogle(workosUrl, clientId);
  const answer = await untilRun(
    feed,
    (now) => now.state === "Waiting" && waitsFor(now, GOOGLE) === undefined,
  );
  if (answer === null) return false;
  const left = answer.missingProviders.map(({ name }) => name).join(", ");
  say(`The run saw it ${since(enteredAtMs)} later: Google is verified. It still waits for ${left}.\n`);
  return true;
}

export async function skipApple({ pool, settings }: World): Promise<void> {
  const words = ["skip", pool.poolId, APPLE, "--reason", "nobody has used it since spring", "--yes"];
  say(`Apple is not worth the wait. The operator goes on without it, and says why:
  ${shellLine(["./spillway", ...words])}`);
  const { code, printed } = await runToEnd(join(ROOT, "spillway"), words, {
    ...cleanEnvironment(),
    ...settings,
  });
  if (code !== 0) throw new Error(`skip ended with ${code}: ${printed}`);
}

function waitsFor({ missingProviders }: RunAnswer, provider: string): MissingProvider | undefined {
  return missingProviders.find(({ name }) => name === provider);
}

/** Its first two characters change places. */
function mistyped(clientId: string): string {
  return `${clientId.charAt(1)}${clientId.charAt(0)}${clientId.slice(2)}`;
}
