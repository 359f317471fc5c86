import { type Arrival, type Offered, offer, tookMs } from "./lib/arrivals.ts";
import type { BridgeWorld } from "./lib/bridge-world.ts";
import { cpuMs } from "./lib/cpu.ts";
import type { Figure } from "./lib/figures.ts";
import { median } from "./lib/figures.ts";
import { type MemorySample, MemoryWatch } from "./lib/memory.ts";
import { quantile } from "./lib/quantile.ts";
import type { SignIns } from "./lib/sign-ins.ts";
import { readAtWorkos, signInAtCognito, signInAtWorkos } from "./lib/vendor-calls.ts";

export interface BridgeLoad {
  seconds: number;
  /** Sign-ins offered. */
  perSecond: number;
}

const MEBIBYTE = 2 ** 20;
export const WARM_UP_SECONDS = 5;
/** A process that is young still grows; shorter runs say nothing about memory. */
const TELLING_SECONDS = 300;
/** One direct call to a vendor after so many sign-ins. */
const PROBE_EVERY = 20;

/** Calls on the path of a sign-in, one after the other, of those that make a token at WorkOS, do not, or go to Cognito. */
const CALLS = {
  /** WorkOS takes the password. */
  repeat: { tokens: 1, others: 0, cognito: 0 },
  /** WorkOS refuses it, tells the account and its resets; Cognito takes it; account and resets again, password, sign-in. */
  first: { tokens: 1, others: 6, cognito: 1 },
};

type Probe = "token" | "other" | "cognito";
type Kind = "repeat" | "first" | Probe;

/** What the bridge adds to the vendors' own time, which calls beside it measure, and what its process takes. */
export async function loadFigures(
  world: BridgeWorld,
  people: SignIns,
  { seconds, perSecond }: BridgeLoad,
): Promise<Figure[]> {
  const warm = await offer(loadOf(world, people, WARM_UP_SECONDS * perSecond), perSecond);
  using memory = new MemoryWatch(world.bridge.pid);
  const cpuBeforeMs = cpuMs(world.bridge.pid);
  const offered = await offer(loadOf(world, people, seconds * perSecond), perSecond * (1 + 1 / PROBE_EVERY));
  const usedMs = cpuMs(world.bridge.pid) - cpuBeforeMs;
  const not200 = [...warm.answers, ...offered.answers].filter(({ status }) => status !== 200);
  const answered = tookMs(offered, "repeat", "first").length;
  return [
    {
      name: "sign-ins per second",
      value: (answered / offered.elapsedMs) * 1_000,
      target: { atLeast: 150 },
    },
    { name: "answers other than 200", value: not200.length, target: { atMost: 0 } },
    ...latencyFigures(offered),
    { name: "CPU of the bridge, ms per sign-in", value: usedMs / answered },
    ...memoryFigures(memory.samples, seconds),
  ];
}

/** Nine repeat sign-ins to a first one, and calls to the vendors themselves now and then. */
function* loadOf(world: BridgeWorld, people: SignIns, count: number): Generator<Arrival<Kind>> {
  for (let index = 0; index < count; index += 1) {
    yield index % 10 === 0
      ? { kind: "first", send: () => world.signIn(people.first()) }
      : { kind: "repeat", send: () => world.signIn(people.repeat()) };
    if (index % PROBE_EVERY === PROBE_EVERY - 1) yield probe(world, people, Math.floor(index / PROBE_EVERY));
  }
}

function probe(
  { workos, cognito, people: { clientId } }: BridgeWorld,
  people: SignIns,
  turn: number,
): Arrival<Probe> {
  const person = people.repeat();
  if (turn % 4 === 1) return { kind: "other", send: () => readAtWorkos(workos, person) };
  if (turn % 4 === 3) return { kind: "cognito", send: () => signInAtCognito(cognito, clientId, person) };
  return { kind: "token", send: () => signInAtWorkos(workos, person) };
}

function latencyFigures(offered: Offered<Kind>): Figure[] {
  const token = tookMs(offered, "token");
  const [tokenMs, otherMs, cognitoMs] = [
    median(token),
    median(tookMs(offered, "other")),
    median(tookMs(offered, "cognito")),
  ];
  const addedMs = (kind: "repeat" | "first") => {
    const { tokens, others, cognito } = CALLS[kind];
    const vendorsMs = tokens * tokenMs + others * otherMs + cognito * cognitoMs;
    return tookMs(offered, kind).map((took) => took - vendorsMs);
  };
  const [repeat, first] = [addedMs("repeat"), addedMs("first")];
  return [
    { name: "a call to WorkOS itself, median ms", value: tokenMs },
    { name: "a call to WorkOS itself, p99 less median, ms", value: quantile(token, 0.99) - tokenMs },
    { name: "repeat sign-in, median ms", value: median(tookMs(offered, "repeat")) },
    { name: "repeat sign-in, median added, ms", value: median(repeat) },
    { name: "repeat sign-in, p99 added, ms", value: quantile(repeat, 0.99), target: { atMost: 20 } },
    { name: "first sign-in, median ms", value: median(tookMs(offered, "first")) },
    { name: "first sign-in, median added, ms", value: median(first) },
    { name: "first sign-in, p99 added, ms", value: quantile(first, 0.99), target: { atMost: 20 } },
    { name: "all sign-ins, p99 added, ms", value: quantile([...repeat, ...first], 0.99) },
  ];
}

/** The last quarter of the run beside the second: whatever leaks goes on growing. */
function memoryFigures(samples: readonly MemorySample[], seconds: number): Figure[] {
  const quarter = (which: number) => {
    const from = Math.floor((which * samples.length) / 4);
    const until = Math.floor(((which + 1) * samples.length) / 4);
    return median(samples.slice(from, until).map(({ residentBytes }) => residentBytes));
  };
  const growth = quarter(3) / quarter(1);
  return [
    { name: "memory of the bridge in the last quarter, MiB", value: quarter(3) / MEBIBYTE },
    {
      name: "memory, growth a minute, MiB",
      value: (quarter(3) - quarter(1)) / MEBIBYTE / (seconds / 2 / 60),
    },
    {
      name: "memory, last quarter to second",
      value: growth,
      ...(seconds >= TELLING_SECONDS ? { target: { atMost: 1.05 } } : {}),
    },
  ];
}
