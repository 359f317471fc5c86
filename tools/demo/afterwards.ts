import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { doneText } from "../../src/commands/done-text.ts";
import { say } from "../../src/commands/say.ts";
import type { EndOfRun } from "../../src/domain/contract.ts";
import { shellLine } from "../../src/domain/shell-line.ts";
import type { PoolUser } from "../../test/doubles/pool/pool.ts";
import type { Claim } from "./audit.ts";
import { runToEnd } from "./children.ts";
import { changeName, type WorkosState, workosState } from "./workos-side.ts";
import { cleanEnvironment, ROOT, type World } from "./world.ts";

/** What comes after a migration: life goes on at both sides, a second run writes the difference, an undo takes all back. */

/** Renames one person, disables one and signs one up in Cognito; changes the name of another one at WorkOS. */
export async function liveOn(world: World): Promise<void> {
  const [renamed, disabled, changedThere] = plainPeople(world, await workosState(world.workosUrl));
  if (renamed === undefined || disabled === undefined || changedThere === undefined)
    throw new Error("Too few people came for the demo to go on.");
  const sub = randomUUID();
  const email = `${sub.slice(0, 8)}@example.com`;
  await tellCognito(world, "PATCH", { sub: renamed.sub, attributes: { given_name: "Renamed" } });
  await tellCognito(world, "PATCH", { sub: disabled.sub, enabled: false });
  const attributes = { ...renamed.attributes, sub, email, given_name: "New" };
  await tellCognito(world, "POST", { like: renamed.sub, attributes });
  await changeName(world, changedThere.sub, "Changed at WorkOS");
  say(`\nLife goes on: in Cognito somebody is renamed, somebody disabled, somebody signs up; and at WorkOS
somebody's name is changed by hand. The same file again writes the difference.\n`);
}

/** Those of whom one account stands under an address that nobody else has. */
function plainPeople({ pool }: World, { users }: WorkosState): PoolUser[] {
  const accounts = new Set(users.map(({ external_id }) => external_id));
  const byEmail = Map.groupBy(pool.users, ({ attributes }) => attributes.email?.trim().toLowerCase());
  return pool.users.filter(
    ({ sub, enabled, status, attributes }) =>
      accounts.has(sub) &&
      enabled &&
      status === "CONFIRMED" &&
      attributes.email_verified === "true" &&
      attributes.given_name !== undefined &&
      byEmail.get(attributes.email?.trim().toLowerCase())?.length === 1,
  );
}

async function tellCognito({ cognitoUrl }: World, method: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${cognitoUrl}/__double/users`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`Cognito's stand-in refused a change: ${await answer.text()}`);
}

/** Of the second run. */
export function deltaClaim(summary: EndOfRun | null): Claim {
  const text =
    "The second run made one account and changed one; it left alone the name that was\nchanged at WorkOS, and told of it.";
  if (summary === null || summary.mode !== undefined) return { text, wrong: ["it did not end well"] };
  say(`\n${doneText(summary)}\n`);
  const { users } = summary.changes ?? {};
  const found = { ...users, differences: summary.differences };
  const isRight =
    users?.made === 1 && users.changed === 1 && users.removed === 0 && summary.differences === 1;
  return { text, wrong: isRight ? [] : [JSON.stringify(found)] };
}

/** Takes everything back, over the command, and looks at what is left. */
export async function undo(world: World): Promise<Claim> {
  const { poolId } = world.pool;
  const words = ["undo", poolId, "--confirm", poolId];
  say(`Nobody wanted all of this after all. The operator takes it back:
  ${shellLine(["./spillway", ...words])}`);
  const { code, printed } = await runToEnd(join(ROOT, "spillway"), words, {
    ...cleanEnvironment(),
    ...world.settings,
  });
  const end = printed.slice(Math.max(0, printed.lastIndexOf("\nUndone")));
  say(`${end.trim().replaceAll(/^/gm, "  ")}\n`);
  const left = await workosState(world.workosUrl);
  const wrong = (["users", "organizations", "memberships", "connections", "applications"] as const)
    .filter((kind) => left[kind].length > 0)
    .map((kind) => `${left[kind].length} ${kind} are left`);
  const text = "The undo left no account, organization, membership, connection or application.";
  return { text, wrong: code === 0 ? wrong : [`it ended with exit code ${code}`, ...wrong] };
}
