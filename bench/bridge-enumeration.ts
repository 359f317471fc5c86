import { randomUUID } from "node:crypto";
import { type Arrival, offer, tookMs } from "./lib/arrivals.ts";
import type { BridgeWorld } from "./lib/bridge-world.ts";
import { type Figure, median } from "./lib/figures.ts";
import { quantile } from "./lib/quantile.ts";
import type { SignIns } from "./lib/sign-ins.ts";

export const REFUSALS_OF_A_KIND = 200;
const PER_SECOND = 50;
const WRONG = 401;
const KINDS = ["unknown", "moved", "waiting"] as const;
type Kind = (typeof KINDS)[number];

const WORDS: Readonly<Record<Kind, string>> = {
  unknown: "unknown person",
  moved: "wrong password, moved",
  waiting: "wrong password, not moved",
};

/** What the time of a refusal tells about a person. */
export async function enumerationFigures(world: BridgeWorld, people: SignIns): Promise<Figure[]> {
  const offered = await offer(refusals(world, people), PER_SECOND);
  const others = offered.answers.filter(({ status }) => status !== WRONG);
  return [
    ...KINDS.flatMap((kind) => [
      { name: `${WORDS[kind]}, median ms`, value: median(tookMs(offered, kind)) },
      { name: `${WORDS[kind]}, p99 ms`, value: quantile(tookMs(offered, kind), 0.99) },
    ]),
    { name: "refusals other than 401", value: others.length, target: { atMost: 0 } },
  ];
}

function* refusals(world: BridgeWorld, people: SignIns): Generator<Arrival<Kind>> {
  for (let turn = 0; turn < REFUSALS_OF_A_KIND; turn += 1)
    for (const kind of KINDS) {
      const password = `Wrong-1-${randomUUID()}`;
      yield { kind, send: () => world.signIn({ email: emailOf(kind, people), password }) };
    }
}

function emailOf(kind: Kind, people: SignIns): string {
  if (kind === "unknown") return `nobody.${randomUUID()}@example.com`;
  return kind === "moved" ? people.repeat().email : people.first().email;
}
