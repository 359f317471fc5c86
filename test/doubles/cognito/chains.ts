import { createRandom } from "../pool/random.ts";
import { invalidParameter } from "../shared/aws-error.ts";
import type { Options } from "./options.ts";
import { type Place, readToken, writeToken } from "./page-tokens.ts";

export interface PageWish {
  token: string | undefined;
  limit: number;
  /** What the token is bound to. */
  parameters: unknown;
}

export interface Page<T> {
  rows: T[];
  nextToken: string | undefined;
}

export interface Chains {
  /** Chains begun so far. */
  readonly begun: number;
  /** One page of the list, which is asked for anew on every page. */
  page<T>(list: readonly T[], wish: PageWish, options: Options): Page<T>;
  /** Lets the tokens die anew, as often as the options say. */
  forgetDeaths(): void;
}

/** Among ten pages of an `empty` pool about two are. */
const EMPTY_CHANCE = 0.2;
/** Shuffled orders kept: more chains than a test walks at once. */
const KEPT_ORDERS = 4;

export function createChains(): Chains {
  const dead = new Set<number>();
  const orders = new Map<string, Uint32Array>();
  let begun = 0;

  const begin = (): Place => {
    begun += 1;
    return { chain: begun - 1, pages: 0, offset: 0 };
  };

  const resume = (token: string, parameters: unknown, options: Options): Place => {
    const place = readToken(token, parameters);
    // A token may come from an earlier process.
    begun = Math.max(begun, place.chain + 1);
    const { killTokensAfterPages: after, killTokens } = options;
    const dies = after !== null && place.pages >= after && (killTokens === "always" || dead.size === 0);
    if (dies) dead.add(place.chain);
    if (dead.has(place.chain)) throw invalidParameter("Invalid pagination token.");
    return place;
  };

  const orderOf = (chain: number, length: number, options: Options): Uint32Array | null => {
    if (!options.reshuffleOnRestart || chain === 0) return null;
    const key = `${chain} ${length} ${options.seed}`;
    const order = orders.get(key) ?? shuffled(length, options.seed + chain);
    orders.set(key, order);
    for (const old of orders.keys()) if (orders.size > KEPT_ORDERS) orders.delete(old);
    return order;
  };

  return {
    get begun() {
      return begun;
    },
    page(list, { token, limit, parameters }, options) {
      const place = token === undefined ? begin() : resume(token, parameters, options);
      const { size, goesOn } = shapeOf(place, limit, list.length, options);
      const order = orderOf(place.chain, list.length, options);
      const end = Math.min(place.offset + size, list.length);
      const rows = order === null ? list.slice(place.offset, end) : inOrder(list, order, place.offset, end);
      const next = { chain: place.chain, pages: place.pages + 1, offset: end };
      return { rows, nextToken: goesOn ? writeToken(next, parameters) : undefined };
    },
    forgetDeaths: () => dead.clear(),
  };
}

/** Drawn from the place alone, so that a call that is repeated gets the same page. */
function shapeOf(
  place: Place,
  limit: number,
  length: number,
  options: Options,
): { size: number; goesOn: boolean } {
  const { short, empty } = options.pages;
  const left = Math.max(0, length - place.offset);
  const random = createRandom(options.seed * 31 + place.chain * 7_919 + place.pages);
  if (empty && random.chance(EMPTY_CHANCE)) return { size: 0, goesOn: true };
  const size = short ? 1 + random.int(limit) : limit;
  return { size, goesOn: size < left || (empty && left > 0) };
}

function inOrder<T>(list: readonly T[], order: Uint32Array, from: number, to: number): T[] {
  return [...order.subarray(from, to)].flatMap((index) => list[index] ?? []);
}

function shuffled(length: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = random.int(last + 1);
    const [a = 0, b = 0] = [order[last], order[other]];
    order[last] = b;
    order[other] = a;
  }
  return order;
}
