import { Hono } from "hono";
import { Agent, type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { onTestFinished } from "vitest";
import { type DoubleEnv, type RunningServer, serve } from "../doubles/shared/serve.ts";

export interface SignInPages extends RunningServer {
  /** What arrived, in order, such as "/authorize?client_id=…". */
  visits: string[];
  /** Names of headers that arrived. */
  headerNames: Set<string>;
}

/** A provider's pages, which end with the test. A path that `answers` does not know is a plain sign-in page. */
export async function startSignInPages(
  answers: Readonly<Record<string, () => Response>> = {},
): Promise<SignInPages> {
  const visits: string[] = [];
  const headerNames = new Set<string>();
  const app = new Hono<DoubleEnv>();
  app.all("*", ({ req }) => {
    const { pathname, search } = new URL(req.url);
    visits.push(`${pathname}${search}`);
    for (const name of Object.keys(req.header())) headerNames.add(name);
    return answers[pathname]?.() ?? new Response("<h1>Sign in</h1>");
  });
  const server = await serve(app);
  onTestFinished(() => server.close());
  return { ...server, visits, headerNames };
}

/** Calls that would leave for `https://<host>` arrive at `url` until the test ends. */
export function bringHome(hosts: readonly string[], url: string): void {
  const before = getGlobalDispatcher();
  const toUrl: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const { host } = new URL(String(options.origin));
    return dispatch(hosts.includes(host) ? { ...options, origin: url } : options, handler);
  };
  const agent = new Agent();
  setGlobalDispatcher(agent.compose(toUrl));
  onTestFinished(async () => {
    setGlobalDispatcher(before);
    await agent.close();
  });
}
