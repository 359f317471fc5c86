import { isLoopback } from "../../domain/loopback.ts";

/** Enough for an error page; whatever is longer is cut. */
const MAX_BODY_BYTES = 64 * 1_024;

export interface Visited {
  status: number;
  /** Where it leads; null where it leads nowhere. */
  location: URL | null;
  retryAfterSeconds: number;
  body: string;
}

/** One GET as a browser makes it: without a key, and never followed. Null when there was no answer in time. */
export async function visit(url: URL, timeoutMs: number, maxBytes = MAX_BODY_BYTES): Promise<Visited | null> {
  try {
    const { request } = await import("undici");
    const { statusCode, headers, body } = await request(url, {
      headers: { accept: "text/html,application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    // A body that is not read to its end fails after the reader has gone.
    body.on("error", () => {});
    const location = URL.parse(first(headers.location), url.href);
    return {
      status: statusCode,
      location: headers.location === undefined ? null : location,
      retryAfterSeconds: Number(first(headers["retry-after"]) || Number.NaN),
      body: await startOf(body, maxBytes),
    };
  } catch {
    return null;
  }
}

/**
 * True where nobody on the way reads along: by https. This machine is one's own only where WorkOS is on it as well, as
 * in a rehearsal: whoever runs a provider could lead a worker to what listens there.
 */
export function isPrivateWay({ protocol, hostname }: URL, apiUrl: string): boolean {
  return protocol === "https:" || (isLoopback(hostname) && isLoopback(new URL(apiUrl).hostname));
}

function first(header: string | string[] | undefined): string {
  return (typeof header === "string" ? header : header?.[0]) ?? "";
}

async function startOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8");
}

/** Parsed JSON of somebody else's page; null for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
