import { request } from "undici";

/** Statuses whose answers have no body; `Response` refuses one (Fetch standard, "null body status"). */
const WITHOUT_BODY = [204, 205, 304];

/**
 * `fetch` for a vendor's SDK, at less than half its cost: Node's own keeps every call's signals and streams until a
 * full garbage collection. It asks for no compression, follows no redirect, so that a key never goes to another host,
 * and resolves when the whole body is there. Rejects as `fetch` does: with a TypeError for a broken connection.
 */
export const leanFetch: typeof fetch = async (input, init = {}) => {
  const { method = "GET", headers, body, signal } = init;
  if (input instanceof Request || (typeof body !== "string" && body != null)) return fetch(input, init);
  try {
    const answer = await request(input, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: body ?? null,
      signal: signal ?? null,
    });
    const text = await answer.body.text();
    return new Response(WITHOUT_BODY.includes(answer.statusCode) ? null : text, {
      status: answer.statusCode,
      statusText: answer.statusText,
      headers: toHeaders(answer.headers),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TypeError("fetch failed", { cause: error });
  }
};

function toHeaders(given: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given))
    for (const one of typeof value === "string" ? [value] : (value ?? [])) headers.append(name, one);
  return headers;
}
