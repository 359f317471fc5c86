import { setTimeout as sleep } from "node:timers/promises";
import type { Context, MiddlewareHandler } from "hono";
import type { FaultEffect, Faults } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { DoubleEnv } from "./serve.ts";

export interface Disturbance {
  journal: Journal;
  faults: Faults;
  /** Names the call for journal and faults, from its method, path and headers. */
  operationOf: (context: Context<DoubleEnv>) => string;
}

/** Journals every call and plays the faults. A handler names what it was about with `context.set("key", …)`. */
export function disturb({ journal, faults, operationOf }: Disturbance): MiddlewareHandler<DoubleEnv> {
  return async (context, next) => {
    const { method, path } = context.req;
    const operation = operationOf(context);
    const queryAt = context.req.url.indexOf("?");
    const query = queryAt === -1 ? "" : context.req.url.slice(queryAt + 1);
    const entry = journal.begin({ method, path, operation, query });
    if (faults.latencyMs > 0) await sleep(faults.latencyMs);
    const effect = faults.take({ operation, path });
    if (effect === null) await next();
    else await play(effect, context, next, () => journal.end(entry, 0, context.get("key")));
    journal.end(entry, context.res.status, context.get("key"));
  };
}

async function play(
  effect: FaultEffect,
  context: Context<DoubleEnv>,
  next: () => Promise<void>,
  onDropped: () => void,
): Promise<void> {
  switch (effect.kind) {
    case "delay":
      await sleep(effect.ms);
      return next();
    case "hold":
      await effect.until;
      return next();
    case "status":
      context.res = answer(effect.status, effect.body, effect.headers);
      return;
    case "status_after_effect":
      await next();
      // Hono would carry the first answer's headers over to the second.
      context.res = undefined;
      context.res = answer(effect.status, undefined);
      return;
    case "hang":
      return forever();
    case "reset":
      context.env.incoming.socket.resetAndDestroy();
      onDropped();
      return forever();
    case "reset_after_effect":
      await next();
      context.env.incoming.socket.resetAndDestroy();
      onDropped();
      return forever();
  }
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = typeof body === "string" || body === undefined ? (body ?? null) : JSON.stringify(body);
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}

/** No answer is ever written: the connection is gone or is to stay silent. */
const forever = () => new Promise<never>(() => {});
