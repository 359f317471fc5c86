import type { UserSource } from "../../cognito/source.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import { askOfOne, isRefused } from "../../engine/ask-of-one.ts";
import { askSourceOnce, type SourceTools } from "../../engine/ask-source.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { noteLooks } from "../../ledger/looks.ts";
import { standingOf } from "../../plan/still-as-planned.ts";

/** What looks are made with. */
export interface LookTools {
  ledger: Ledger;
  run: RunRef;
  source: UserSource;
  asking: SourceTools;
  /** People of whom Cognito gives no answer while it answers otherwise, by sub, with the reason. */
  unanswered: Map<string, string>;
}

/** By the clock that looks age by: asked each time, as a machine that slept knows no better. */
export function lookTimeMs({ ledger }: Pick<LookTools, "ledger">): Promise<number> {
  return ledger.read((db) => ledgerNowMs(db));
}

/** Cognito takes longer to answer than its pace lets calls go. */
const CALLS_AT_ONCE = 4;
const OPERATION = "ListUsers";

/**
 * Looks each of them up, for as long as an outage takes. Of whom alone Cognito gives no answer is noted in `unanswered`.
 * Null when that is done, or not wanted any more.
 */
export async function lookUpAll(
  tools: LookTools,
  subs: readonly string[],
  isOver: () => boolean = () => false,
): Promise<Blocked | null> {
  const left = [...subs];
  let stopped: Blocked | null = null;
  const lane = async () => {
    for (let sub = left.shift(); sub !== undefined && stopped === null && !isOver(); sub = left.shift()) {
      const trouble = await lookUpPatiently(tools, sub, isOver);
      stopped ??= trouble;
    }
  };
  // Whatever stops one of them, no call is left behind.
  const ends = await Promise.allSettled(Array.from({ length: CALLS_AT_ONCE }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return stopped;
}

async function lookUpPatiently(
  tools: LookTools,
  sub: string,
  isOver: () => boolean,
): Promise<Blocked | null> {
  const { ask, keep } = lookUp(tools, sub);
  const result = await askOfOne(tools, OPERATION, ask, isOver);
  if (result.status === "answered") await keep(result.value);
  if (result.status === "unanswered") tools.unanswered.set(sub, result.why);
  return result.status === "blocked" ? result : null;
}

/** Looks somebody up who has been claimed: one try. */
export async function lookUpOnce(tools: LookTools, sub: string): Promise<Blocked | "looked" | "not_now"> {
  const { ask, keep } = lookUp(tools, sub);
  const result = await askSourceOnce(tools.asking, OPERATION, ask);
  if (result.status === "blocked" && !isRefused(result)) return result;
  if (result.status !== "answered") return "not_now";
  await keep(result.value);
  return "looked";
}

type Found = Awaited<ReturnType<UserSource["findUser"]>>;

function lookUp({ ledger, run, source }: LookTools, sub: string) {
  let lookedAtMs = 0;
  return {
    async ask(): Promise<Found> {
      lookedAtMs = await lookTimeMs({ ledger });
      return source.findUser(sub);
    },
    keep: (user: Extract<Found, { ok: true }>["value"]) => {
      const look = { sub, lookedAtMs, standing: user === null ? null : standingOf(user) };
      return ledger.changeSoon((db) => noteLooks(db, run, [look], lookedAtMs));
    },
  };
}
