import { Agent, type Dispatcher } from "undici";

/** Of what is read whole. A page of 100 users with all that they may hold is far below it. */
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;

/** One connection a call in flight: one that breaks costs no other call its answer, as it would over HTTP/2. */
const dispatcher = new Agent({ maxResponseSize: MAX_ANSWER_BYTES, allowH2: false });

const utf8 = new TextDecoder();

/**
 * `fetch` for a vendor's SDK, at a third of its cost: Node's own keeps every call's signals and streams until a full
 * garbage collection. It sends texts and forms, asks for no compression, follows no redirect, so that a key never goes
 * to another host, and resolves when the whole body is there. Rejects as `fetch` does, with a TypeError: for a broken
 * connection, and for an answer that is too long to be a vendor's.
 */
export const leanFetch: typeof fetch = async (input, { method, headers, body, signal } = {}) => {
  const { origin, pathname, search } = new URL(addressOf(input));
  const call = {
    origin,
    path: pathname + search,
    method: method ?? "GET",
    headers: isList(headers) ? Object.fromEntries(new Headers(headers)) : (headers ?? null),
    body: textOf(body),
  };
  try {
    signal?.throwIfAborted();
    return await answerTo(call, signal ?? null);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TypeError("fetch failed", { cause: error });
  }
};

function addressOf(input: Parameters<typeof fetch>[0]): string | URL {
  if (input instanceof Request) throw new Error("Give the address and the options, in place of a Request.");
  return input;
}

/** Whoever gives a form names its type in the headers. */
function textOf(body: RequestInit["body"]): string | null {
  if (body instanceof URLSearchParams) return body.toString();
  if (body == null || typeof body === "string") return body ?? null;
  throw new Error("A body is a text or a form.");
}

function answerTo(call: Dispatcher.DispatchOptions, signal: AbortSignal | null): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const chunks: Buffer[] = [];
  let head: ResponseInit = {};
  let controller: Dispatcher.DispatchController | undefined;
  const giveUp = () => {
    reject(signal?.reason);
    controller?.abort(signal?.reason);
  };
  const end = () => signal?.removeEventListener("abort", giveUp);
  signal?.addEventListener("abort", giveUp, { once: true });
  dispatcher.dispatch(call, {
    onRequestStart(started) {
      controller = started;
      // While it waited for a connection.
      if (signal?.aborted) giveUp();
    },
    onResponseStart(_, status, headers, statusText = "") {
      head = { status, statusText, headers: pairsOf(headers) };
    },
    onResponseData(_, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      end();
      resolve(new TextResponse(utf8.decode(Buffer.concat(chunks)), head));
    },
    onResponseError(_, error) {
      end();
      reject(error);
    },
  });
  return promise;
}

/** Its body is a text that is there already: as a stream it would cost as much as the call itself. */
class TextResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json: () => Promise<unknown>;
  override readonly arrayBuffer = onlyText;
  override readonly blob = onlyText;
  override readonly bytes = onlyText;
  override readonly formData = onlyText;
  override readonly clone = onlyText;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(text);
    this.json = async () => JSON.parse(text);
  }
}

function onlyText(): never {
  throw new Error("Read this answer by text() or json().");
}

function isList(headers: RequestInit["headers"]): headers is Headers | [string, string][] {
  return headers instanceof Headers || Array.isArray(headers);
}

function pairsOf(given: Record<string, string | string[] | undefined>): [string, string][] {
  return Object.entries(given).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
}
