import { type Ask, readClients, readGroups, readProviders } from "../cognito/read-configuration.ts";
import type { UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import type { Migration, Parsed } from "../domain/migration.ts";
import type { KnownClient, KnownProvider, PoolGroup, PoolShape } from "../domain/pool.ts";
import { CONFIGURATION_CALLS_PER_SECOND } from "../engine/pace-keys.ts";
import { UsageError } from "../exit.ts";
import { isOfProvider } from "../plan/roles.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { askPatiently, askSource, type SourceFailure, sourceSentence } from "./ask.ts";
import { choose } from "./choose.ts";
import { say } from "./say.ts";
import { turns } from "./turns.ts";

type Source = Migration["source"];

/** What the pool says of itself, as far as it can be read; null for what cannot. */
export interface KnownPool {
  shape: PoolShape | null;
  /** Without those that Cognito makes for providers. */
  groups: PoolGroup[] | null;
  providers: KnownProvider[] | null;
  clients: KnownClient[] | null;
}

const NOTHING: KnownPool = { shape: null, groups: null, providers: null, clients: null };

/** The policy lacks one permission, and others may be there. */
export function isOfOneCall(
  failed: SourceFailure,
): failed is Extract<SourceFailure, { problem: "access_lost" }> {
  return failed.problem === "access_lost" && failed.code === "AccessDeniedException";
}

/** Null where somebody wants to name another one. */
export async function readPool(pool: Source): Promise<KnownPool | null> {
  tell("Reading the pool…");
  const source = createUserSource(pool);
  try {
    const described = await askPatiently(() => source.describePool());
    if (described.ok) return await readParts(pool, source, described.value);
    tell(sourceSentence(pool, described));
    if (isOfOneCall(described)) return await readParts(pool, source, null);
    return (await goesOn()) ? NOTHING : null;
  } finally {
    source.close();
  }
}

function goesOn(): Promise<boolean> {
  return choose("The pool cannot be read. How is it to go on?", [
    { value: false, name: "Name region and pool again" },
    { value: true, name: "Go on without: what the pool would have said is typed in, or left out" },
  ]);
}

/** At Cognito's pace for calls about a pool's set-up. */
async function readParts(pool: Source, source: UserSource, shape: PoolShape | null): Promise<KnownPool> {
  const turn = turns(CONFIGURATION_CALLS_PER_SECOND);
  const ask: Ask = (_operation, call) =>
    askSource(pool, async () => {
      await turn();
      return call();
    });
  const groups = await partOf("The groups", () => readGroups(source, ask));
  const providers = await partOf("The identity providers", () => readProviders(source, ask));
  const clients = await partOf("The app clients", () => readClients(source, ask));
  return {
    shape,
    groups: groups?.filter(({ name }) => !isOfProvider({ source: pool }, name)) ?? null,
    providers,
    clients,
  };
}

async function partOf<T>(what: string, read: () => Promise<T>): Promise<T | null> {
  const part = await attempt(read);
  if (part.ok) return part.value;
  tell(`${what} cannot be read. ${part.sentence}`);
  return null;
}

export async function attempt<T>(read: () => Promise<T>): Promise<Parsed<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, sentence: error.message };
    throw error;
  }
}

export function tell(text: string): void {
  say(wrapped(text, columnsOf(process.stdout)));
}
