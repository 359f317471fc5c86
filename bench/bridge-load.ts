import { type Arrival, type Offered, offer, tookMs } from "./lib/arrivals.ts";
import type { BridgeWorld } from "./lib/bridge-world.ts";
import { cpuMs } from "./lib/cpu.ts";
import type { Figure } from "./lib/figures.ts";
import { median } from "./lib/figures.ts";
import { type MemorySample, MemoryWatch } from "./lib/memory.ts";
import { quantile } from "./lib/quantile.ts";
import type { SignIns } from "./lib/sign-ins.ts";
import { firstSignInAtVendors, signInAtWorkos } from "./lib/vendor-calls.ts";

export interface BridgeLoad {
  seconds: number;
  /** Sign-ins offered. */
  perSecond: number;
}

const MEBIBYTE = 2 ** 20;
export const WARM_UP_SECONDS = 5;
/** A process that is young still grows; shorter runs say nothing about memory. */
const TELLING_SECONDS = 300;
/** One sign-in without the bridge after so many over it. */
const BARE_EVERY = 20;

/** Over the bridge, and the same calls in the same order without it. */
type Kind = "repeat" | "first" | "bare repeat" | "bare first";

/**
 * What the bridge adds to the vendors' own time, and what its process takes. The vendors' own time is that of the same
 * calls without the bridge, at the same moments: both see the same machine.
 */
export async function loadFigures(
  world: BridgeWorld,
  people: SignIns,
  { seconds, perSecond }: BridgeLoad,
): Promise<Figure[]> {
  const warm = await offer(loadOf(world, people, WARM_UP_SECONDS * perSecond), perSecond);
  using memory = new MemoryWatch(world.bridge.pid);
  const cpuBeforeMs = cpuMs(world.bridge.pid);
  const offered = await offer(loadOf(world, people, seconds * perSecond), perSecond * (1 + 1 / BARE_EVERY));
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

/** Nine repeat sign-ins to a first one, and some without the bridge now and then. */
function* loadOf(world: BridgeWorld, people: SignIns, count: number): Generator<Arrival<Kind>> {
  for (let index = 0; index < count; index += 1) {
    yield index % 10 === 0
      ? { kind: "first", send: () => world.signIn(people.first()) }
      : { kind: "repeat", send: () => world.signIn(people.repeat()) };
    if (index % BARE_EVERY === BARE_EVERY - 1) yield bare(world, people, Math.floor(index / BARE_EVERY));
  }
}

/** Somebody who has moved does for a first one too: nobody but the bridge looks at that. */
function bare(world: BridgeWorld, people: SignIns, turn: number): Arrival<Kind> {
  const person = people.repeat();
  const { clientId } = world.people;
  return turn % 2 === 0
    ? { kind: "bare repeat", send: () => signInAtWorkos(world.workos, person) }
    : {
        kind: "bare first",
        send: () => firstSignInAtVendors(world, { clientId, accountOf: world.accounts }, person),
      };
}

function latencyFigures(offered: Offered<Kind>): Figure[] {
  return (["repeat", "first"] as const).flatMap((kind) => [
    ...addedFigures(offered, kind, 0.5, "median"),
    ...addedFigures(offered, kind, 0.99, "p99", { atMost: 20 }),
  ]);
}

function addedFigures(
  offered: Offered<Kind>,
  kind: "repeat" | "first",
  share: number,
  word: string,
  target?: Figure["target"],
): Figure[] {
  const bareMs = quantile(tookMs(offered, `bare ${kind}`), share);
  const bridgeMs = quantile(tookMs(offered, kind), share);
  return [
    { name: `${kind} sign-in without the bridge, ${word} ms`, value: bareMs },
    { name: `${kind} sign-in, ${word} ms`, value: bridgeMs },
    {
      name: `${kind} sign-in, ${word} added, ms`,
      value: bridgeMs - bareMs,
      ...(target === undefined ? {} : { target }),
    },
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
