import { counted, grouped } from "../../src/commands/format.ts";
import type { RunFeed } from "../../src/commands/run-feed.ts";
import { say } from "../../src/commands/say.ts";
import type { MissingProvider } from "../../src/domain/contract.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { readProviderChecks } from "../../src/ledger/providers.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { missingText, wrapped } from "./lines.ts";
import { mendGoogle, mistypeGoogle, revealGoogle, skipApple } from "./operator.ts";
import { untilRun } from "./standing.ts";
import { isUserCreation, journalSince, type WorkosState, workosState } from "./workos-side.ts";
import type { World } from "./world.ts";

/**
 * The run stands at its gate: shows what it made, for what it waits, and plays the operator. Resolves with how many
 * calls WorkOS had got when all but the last answer was given; null for a run that did not come so far.
 */
export async function playGate(world: World, ledger: Ledger, feed: RunFeed): Promise<number | null> {
  const waiting = await untilRun(feed, ({ state }) => state === "Waiting");
  if (waiting === null) return null;
  say(madeText(await workosState(world.workosUrl)));
  say(await unknownText(ledger, world.pool.poolId));
  say(waitsText(waiting.missingProviders));
  const written = (await journalSince(world.workosUrl, 0)).filter(isUserCreation).length;
  say(`\nUsers written so far: ${grouped(written)}, by the calls that the stand-in of WorkOS has seen.\n`);
  say("From here on the demo plays the operator.\n");
  await revealGoogle(world);
  if (!(await mistypeGoogle(world, feed))) return null;
  if (!(await mendGoogle(world, feed))) return null;
  const before = (await journalSince(world.workosUrl, 0)).length;
  await skipApple(world);
  say("Nothing more is asked of anybody: the run goes on by itself.\n");
  return before;
}

function madeText({ organizations, connections, applications, redirectUris }: WorkosState): string {
  const keys = organizations.map(({ external_id }) => external_id ?? "one without a key");
  return `Before anybody moves, the run has made by itself what WorkOS's API can make:
  ${counted(organizations.length, "organization")}: ${keys.join(", ")}
  ${counted(connections.length, "connection")}: ${namesOf(connections)}
  ${counted(applications.length, "application")}: ${namesOf(applications)}; new secrets are in secrets.json
  ${counted(redirectUris.length, "redirect URI")}\n`;
}

/** Nobody can set those up; the run does not wait for them. */
async function unknownText(ledger: Ledger, poolId: string): Promise<string> {
  const checks = await ledger.read(async (db) => {
    const [migration] = await migrationsOfPool(db, poolId);
    return migration === undefined ? [] : readProviderChecks(db, migration.id);
  });
  const unknown = checks.filter(({ state }) => state === "none");
  const reasons = new Set(unknown.map(({ reason }) => reason ?? ""));
  return `No counterpart at WorkOS: ${namesOf(unknown)}. What the run says of their people:
${wrapped([...reasons].join(" "), "  ")}\n`;
}

function namesOf(things: readonly { name: string }[]): string {
  return things.map(({ name }) => name).join(", ");
}

function waitsText(missing: readonly MissingProvider[]): string {
  const providers = missing.map(missingText).join("\n");
  const count = counted(missing.length, "provider");
  return `Now it waits for ${count} that only a person can set up at WorkOS:\n${providers}`;
}
