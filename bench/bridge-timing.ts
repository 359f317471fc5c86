import { randomUUID } from "node:crypto";
import { createRandom } from "../test/doubles/pool/random.ts";
import { startPostgres } from "../test/setup/postgres-server.ts";
import { type Arrival, offer } from "./lib/arrivals.ts";
import { type BridgeWorld, startBridgeWorld } from "./lib/bridge-world.ts";
import { type Figure, median } from "./lib/figures.ts";
import { type BenchLedger, freshPostgres, freshSqlite } from "./lib/ledgers.ts";
import { rankTest } from "./lib/rank-test.ts";
import { KINDS_OF_PEOPLE, type KindOfPeople, timingPeople } from "./lib/timing-people.ts";

/** What the time of a refusal tells about a person, to whoever asks often enough. */

export interface TimingOptions {
  /** Refusals of each kind, at each door. */
  refusals: number;
  perSecond: number;
  /** Of the bridge; its default unless given. */
  refusalMs?: number;
  nodeOptions: readonly string[];
}

const SEED = 3;
/** Below it two kinds would be told apart. */
const SIGNIFICANT = 0.01;

type Kind = KindOfPeople | "unknown";
// Made of all its names.
const KINDS = ["unknown", ...Object.keys(KINDS_OF_PEOPLE)] as Kind[];

const DOORS = {
  "sign-in": {
    status: 401,
    bodyOf: (email: string) => ({ email, password: `Wrong-1-${randomUUID()}` }),
  },
  "forgot-password": { status: 202, bodyOf: (email: string) => ({ email }) },
};
type Door = keyof typeof DOORS;

/** On both ledgers. */
export async function benchBridgeTiming(options: TimingOptions): Promise<Figure[]> {
  const sqlite = await benchOn("sqlite", await freshSqlite(), options);
  await using stack = new AsyncDisposableStack();
  const postgres = stack.adopt(await startPostgres(), (server) => server.stop());
  return [...sqlite, ...(await benchOn("postgresql", await freshPostgres(postgres.url), options))];
}

async function benchOn(
  name: string,
  ledger: BenchLedger,
  { refusals, perSecond, refusalMs, nodeOptions }: TimingOptions,
): Promise<Figure[]> {
  const people = timingPeople(refusals);
  await using world = await startBridgeWorld(people, ledger, nodeOptions, {
    // Whoever is known gets a mail to the end: what follows an answer must not show either.
    SPILLWAY_BRIDGE_MAILS_PER_DAY: String(KINDS.length * refusals),
    ...(refusalMs === undefined ? {} : { SPILLWAY_BRIDGE_REFUSAL_MS: String(refusalMs) }),
  });
  const emailOf = (kind: Kind, turn: number) =>
    (kind === "unknown" ? undefined : people.ofKind.get(kind)?.[turn]?.email) ??
    `nobody.${randomUUID()}@example.com`;
  const figures: Figure[] = [];
  // Everybody is asked about once at each door: no limit is met, and Cognito locks nobody out.
  for (const door of ["sign-in", "forgot-password"] as const)
    figures.push(...(await figuresOf(world, door, { refusals, perSecond, emailOf })));
  return figures.map((figure) => ({ ...figure, name: `${name}: ${figure.name}` }));
}

interface Asking {
  refusals: number;
  perSecond: number;
  emailOf: (kind: Kind, turn: number) => string;
}

async function figuresOf(world: BridgeWorld, door: Door, asking: Asking): Promise<Figure[]> {
  const tookMs = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  const answers = new Set<string>();
  const ask = async (kind: Kind, email: string) => {
    const beganAtMs = performance.now();
    const { status, text } = await world.post(`/${door}`, DOORS[door].bodyOf(email));
    tookMs.get(kind)?.push(performance.now() - beganAtMs);
    answers.add(`${status} ${text}`);
    return status;
  };
  const offered = await offer(arrivals(asking, ask), asking.perSecond);
  const others = offered.answers.filter(({ status }) => status !== DOORS[door].status);
  const pairs = pairsOf(KINDS).map(([one, other]) =>
    rankTest(tookMs.get(one) ?? [], tookMs.get(other) ?? []),
  );
  const smallest = Math.min(...pairs);
  const medians = KINDS.map((kind) => median(tookMs.get(kind) ?? []));
  return [
    { name: `${door}, different answers`, value: answers.size, target: { atMost: 1 } },
    {
      name: `${door}, answers other than ${DOORS[door].status}`,
      value: others.length,
      target: { atMost: 0 },
    },
    ...KINDS.map((kind, index) => ({
      name: `${door}, ${kind}, median ms`,
      value: medians[index] ?? Number.NaN,
    })),
    { name: `${door}, medians apart, ms`, value: Math.max(...medians) - Math.min(...medians) },
    { name: `${door}, smallest p of ${pairs.length} pairs`, value: smallest },
    {
      // Bonferroni: of so many pairs, one in a hundred looks different by chance.
      name: `${door}, that p for all pairs together`,
      value: Math.min(1, smallest * pairs.length),
      target: { atLeast: SIGNIFICANT },
    },
  ];
}

/** In random order, so that no kind comes at quieter moments than another. */
function arrivals(
  { refusals, emailOf }: Asking,
  ask: (kind: Kind, email: string) => Promise<number>,
): Arrival<Kind>[] {
  const random = createRandom(SEED);
  const all = KINDS.flatMap((kind) =>
    Array.from({ length: refusals }, (_, turn) => ({
      kind,
      send: () => ask(kind, emailOf(kind, turn)),
      order: random.int(Number.MAX_SAFE_INTEGER),
    })),
  );
  return all.toSorted((one, other) => one.order - other.order);
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [T, T] => [one, other]));
}
