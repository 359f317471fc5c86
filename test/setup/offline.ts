import { Agent, type Dispatcher, setGlobalDispatcher } from "undici";

/**
 * Loaded into the workers of tests and demo before their own code. A run also looks at the sign-in pages of Google and
 * of the pool's other providers, to hear whether they refuse the client: here that finds nobody, as nothing may leave
 * this machine.
 */
const stayHome: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { hostname } = new URL(String(options.origin));
  if (hostname !== "127.0.0.1") throw new Error(`Nothing here calls ${hostname}.`);
  return dispatch(options, handler);
};

setGlobalDispatcher(new Agent().compose(stayHome));
