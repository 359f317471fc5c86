import { startPostgres } from "../test/setup/postgres-server.ts";
import { enumerationFigures, REFUSALS_OF_A_KIND } from "./bridge-enumeration.ts";
import { type BridgeLoad, loadFigures, WARM_UP_SECONDS } from "./bridge-load.ts";
import { YIELD_SECONDS, yieldFigures } from "./bridge-yield.ts";
import { bridgePeople } from "./lib/bridge-people.ts";
import { startBridgeWorld } from "./lib/bridge-world.ts";
import type { Figure } from "./lib/figures.ts";
import { type BenchLedger, freshPostgres, freshSqlite } from "./lib/ledgers.ts";
import { signIns } from "./lib/sign-ins.ts";

export interface BridgeOptions extends BridgeLoad {
  nodeOptions: readonly string[];
}

/** Far below the bridge's limit, and WorkOS's, of 10 sign-ins a minute for one account. */
const SIGN_INS_A_MINUTE = 4;

/** The sign-in bridge under load, on both ledgers: what it adds to the vendors' own time, and what it takes. */
export async function benchBridge(options: BridgeOptions): Promise<Figure[]> {
  const sqlite = await benchOn("sqlite", await freshSqlite(), options);
  await using stack = new AsyncDisposableStack();
  const postgres = stack.adopt(await startPostgres(), (server) => server.stop());
  return [...sqlite, ...(await benchOn("postgresql", await freshPostgres(postgres.url), options))];
}

/** How many people such a run takes: who have moved, and whose turn comes once. */
export function peopleFor({ seconds, perSecond }: BridgeLoad): { moved: number; waiting: number } {
  const signInSeconds = WARM_UP_SECONDS + seconds + YIELD_SECONDS + 1;
  return {
    moved: Math.ceil((perSecond * 60) / SIGN_INS_A_MINUTE),
    // Each stage rounds up.
    waiting: Math.ceil((signInSeconds * perSecond) / 10) + 3 + REFUSALS_OF_A_KIND,
  };
}

async function benchOn(
  name: string,
  ledger: BenchLedger,
  { nodeOptions, ...load }: BridgeOptions,
): Promise<Figure[]> {
  const { moved, waiting } = peopleFor(load);
  await using world = await startBridgeWorld(bridgePeople(moved, waiting), ledger, nodeOptions);
  const people = signIns(world.people);
  const figures = [
    ...(await loadFigures(world, people, load)),
    ...(await yieldFigures(world, people, load.perSecond)),
    ...(await enumerationFigures(world, people)),
  ];
  return figures.map((figure) => ({ ...figure, name: `${name}: ${figure.name}` }));
}
