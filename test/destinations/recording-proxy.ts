import { Hono } from "hono";
import { type DoubleEnv, type RunningServer, serve } from "../doubles/shared/serve.ts";

export interface Exchange {
  method: string;
  path: string;
  query: Record<string, string>;
  /** Parsed JSON; undefined for an empty body. */
  request: unknown;
  status: number;
  answer: unknown;
}

export interface RecordingProxy extends RunningServer {
  exchanges: Exchange[];
}

/** Passes every call on to `target` and keeps what both sides said. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const app = new Hono<DoubleEnv>();
  app.all("*", async ({ req }) => {
    const { pathname, search } = new URL(req.url);
    const sent = await req.text();
    const answer = await fetch(`${target}${pathname}${search}`, {
      method: req.method,
      redirect: "manual",
      headers: { authorization: req.header("authorization") ?? "", "content-type": "application/json" },
      ...(sent === "" ? {} : { body: sent }),
    });
    const received = await answer.text();
    exchanges.push({
      method: req.method,
      path: pathname,
      query: req.query(),
      request: jsonOf(sent),
      status: answer.status,
      answer: jsonOf(received),
    });
    const headers = new Headers({ "content-type": answer.headers.get("content-type") ?? "text/plain" });
    const location = answer.headers.get("location");
    if (location !== null) headers.set("location", location);
    return new Response(received === "" ? null : received, { status: answer.status, headers });
  });
  return { ...(await serve(app)), exchanges };
}

function jsonOf(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
