import { Pacer } from "../src/engine/pacer.ts";
import type { Arrival } from "./lib/arrivals.ts";
import { offer } from "./lib/arrivals.ts";
import { paceKey } from "./lib/bridge-ledger.ts";
import type { BridgeWorld } from "./lib/bridge-world.ts";
import type { Figure } from "./lib/figures.ts";
import type { SignIns } from "./lib/sign-ins.ts";

export const YIELD_SECONDS = 8;
const SLOTS_AT_ONCE = 50;
/** Sign-ins at WorkOS, one of them refused, and the password that is set. */
const WRITES = { repeat: 1, first: 3 };

/** What an import may write while people sign in, and while nobody does. */
export async function yieldFigures(
  world: BridgeWorld,
  people: SignIns,
  perSecond: number,
): Promise<Figure[]> {
  const alone = await writesPerSecond(world, YIELD_SECONDS);
  const signingIn = offer(loadOf(world, people, perSecond), perSecond);
  const beside = await writesPerSecond(world, YIELD_SECONDS);
  await signingIn;
  const bridge = perSecond * (0.9 * WRITES.repeat + 0.1 * WRITES.first);
  return [
    { name: "import alone, writes granted per second", value: alone },
    { name: "import beside sign-ins, writes granted per second", value: beside },
    { name: "writes of the bridge per second", value: bridge },
    {
      name: "both together, ratio to import alone",
      value: (beside + bridge) / alone,
      target: { atMost: 1.03 },
    },
  ];
}

function* loadOf(world: BridgeWorld, people: SignIns, perSecond: number): Generator<Arrival<"sign-in">> {
  // It begins before the import is looked at, and ends after.
  for (let index = 0; index < (YIELD_SECONDS + 1) * perSecond; index += 1) {
    const next = index % 10 === 0 ? people.first : people.repeat;
    yield { kind: "sign-in", send: () => world.signIn(next()) };
  }
}

/** Slots that fall due in this time, for an import that takes all it gets. */
async function writesPerSecond({ ledger, workos }: BridgeWorld, seconds: number): Promise<number> {
  const pacer = new Pacer(ledger);
  const { signal } = new AbortController();
  // Slots are due by the same clock.
  const beganAtMs = performance.now();
  const endsAtMs = beganAtMs + seconds * 1_000;
  const keys = [paceKey(workos.clientId, "writes")];
  let due = 0;
  for (;;) {
    const slots = await pacer.take(keys, SLOTS_AT_ONCE, { beganAtMs: performance.now(), signal });
    due += slots.filter(({ dueAtMs }) => dueAtMs <= endsAtMs).length;
    const last = slots.at(-1);
    if (last === undefined || last.dueAtMs > endsAtMs) return due / seconds;
    await pacer.due(last, signal);
  }
}
