import { WorkOS } from "@workos-inc/node";
import type { WorkosSettings } from "../../settings.ts";
import { leanFetch } from "../lean-fetch.ts";
import { withCodeInMessage } from "./code-of-429.ts";

/**
 * The SDK, speaking to the address of the settings. It makes no second try of its own (one place decides about
 * retries), and its timeout covers head and body of an answer.
 */
export function createClient(settings: WorkosSettings, callTimeoutMs: number): WorkOS {
  const url = new URL(settings.apiUrl);
  if (url.pathname !== "/" || url.search !== "")
    throw new Error("WORKOS_API_URL must be an address without a path, for example https://api.workos.com.");
  return new WorkOS(settings.apiKey, {
    clientId: settings.clientId,
    apiHostname: url.hostname,
    https: url.protocol === "https:",
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    maxRetries: 0,
    timeout: callTimeoutMs,
    fetchFn: async (...request: Parameters<typeof fetch>) => withCodeInMessage(await leanFetch(...request)),
  });
}
