import { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { WorkosSettings } from "./settings.ts";

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
    async fetchFn(...request: Parameters<typeof fetch>) {
      // Asking the loader anew for each call would cost a good part of the call itself.
      http ??= import("../lean-fetch.ts");
      const { leanFetch } = await http;
      return withCodeInMessage(await leanFetch(...request));
    },
  });
}

/** Half of what this room loads, and many programs come to no call. */
let http: Promise<typeof import("../lean-fetch.ts")> | undefined;

const coded = z.looseObject({ code: z.string(), message: z.string().catch("") });

/** Of a 429 the SDK hands over the message alone: its code, which tells a daily quota from a rate, joins it there. */
async function withCodeInMessage(response: Response): Promise<Response> {
  if (response.status !== 429) return response;
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(withCode(text), { status, statusText, headers });
}

function withCode(text: string): string {
  try {
    const parsed = coded.safeParse(JSON.parse(text));
    if (!parsed.success) return text;
    return JSON.stringify({ ...parsed.data, message: `${parsed.data.message} (${parsed.data.code})` });
  } catch {
    return text;
  }
}
