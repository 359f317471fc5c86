import type { UserSource } from "../../cognito/source.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
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

/** After so many tries without an answer something else is asked, which tells whose matter it is. */
const MAX_TRIES = 3;

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
  const { asking, source, unanswered } = tools;
  const { ask, keep } = lookUp(tools, sub);
  let areOthersAnswered = false;
  for (let tries = 1; !isOver(); tries += 1) {
    // Short waits until it is known to be an outage: others wait as well.
    const waits = Math.max(0, tries - MAX_TRIES);
    const result = await askSourceOnce(asking, OPERATION, ask, waits);
    if (result.status === "answered") await keep(result.value);
    const why = whyUnanswered(result);
    if (why === null) return result.status === "blocked" ? result : null;
    if (why === THROTTLED) continue;
    if (areOthersAnswered) {
      unanswered.set(sub, why);
      return null;
    }
    if (tries < MAX_TRIES && result.status !== "blocked") continue;
    const others = await askSourceOnce(asking, OPERATION, () => source.listUsers(null, 1), waits);
    if (others.status === "blocked") return others;
    areOthersAnswered = others.status === "answered";
  }
  return null;
}

type Result = Awaited<ReturnType<typeof askSourceOnce>>;

const THROTTLED = "throttled";

/** Null for what is no matter of one person. */
function whyUnanswered(result: Result): string | null {
  if (result.status === "not_now") return result.outage ?? THROTTLED;
  return isRefused(result) ? result.sentence : null;
}

/** Cognito refuses this call, and says nothing about others. */
function isRefused(result: Result): result is Blocked {
  return result.status === "blocked" && result.code === "source_refused";
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
