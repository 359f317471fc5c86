import type { TemporalTarget } from "./target.ts";

/**
 * Why a server that was named cannot be used, in one sentence. Of a connection that fails the package says it in text
 * alone: Rust's names of what went wrong (rustls, hyper, tonic), and gRPC's of a status.
 */

/** Of google.rpc.Code. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

const IS_UNAUTHORIZED = /valid authentication credentials|does not have permission/;
/** The connection stood, TLS included, and ended at the first call: what a server does to a caller that it does not know. */
const IS_CUT_OFF = /GetSystemInfo.*transport::Error/s;
const IS_OWN_CERTIFICATE = /Transport, InvalidCertificate/;

export interface Unconnected {
  ok: false;
  sentence: string;
  /** A server is there, and keeps what it knows from this caller. */
  isKept: boolean;
}

export function connectionRefusal(target: TemporalTarget, error: unknown): Unconnected {
  const text = error instanceof Error ? error.message : "";
  const sentence = keptFrom(target, text);
  if (sentence !== null) return { ok: false, sentence, isKept: true };
  return {
    ok: false,
    sentence: `No Temporal server answers at ${target.address}; start it, with its database where it has one, or set TEMPORAL_ADDRESS.`,
    isKept: false,
  };
}

function keptFrom(target: TemporalTarget, text: string): string | null {
  const server = `The Temporal server at ${target.address}`;
  if (IS_UNAUTHORIZED.test(text)) return unauthorized(target);
  if (IS_CUT_OFF.test(text)) return cutOff(target);
  if (IS_OWN_CERTIFICATE.test(text))
    return "Temporal's client certificate cannot be used: TLS takes X.509 version 3 only; check TEMPORAL_TLS_CLIENT_CERT_PATH.";
  if (text.includes("NotValidForName"))
    return `${server} shows a certificate of another name; check TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME.`;
  if (text.includes("InvalidCertificate"))
    return `${server} shows a certificate that is not trusted here; set TEMPORAL_TLS_SERVER_CA_CERT_PATH to its CA's.`;
  if (text.includes("InvalidContentType"))
    return `${server} speaks no TLS, and the settings ask for it; check TEMPORAL_ADDRESS, or set TEMPORAL_TLS to false.`;
  return null;
}

export function namespaceRefusal(target: TemporalTarget, error: unknown): Unconnected {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === NOT_FOUND)
    return {
      ok: false,
      sentence: `The Temporal server at ${target.address} has no namespace "${target.namespace}"; make it, or set TEMPORAL_NAMESPACE.`,
      isKept: false,
    };
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED)
    return { ok: false, sentence: unauthorized(target), isKept: true };
  return connectionRefusal(target, error);
}

/** Of a namespace that the key may not enter a server says the same as of a wrong key. */
function unauthorized({ address, namespace, options }: TemporalTarget): string {
  const check =
    options.apiKey === undefined
      ? "set TEMPORAL_API_KEY, or a client certificate"
      : "check TEMPORAL_API_KEY and TEMPORAL_NAMESPACE";
  return `The Temporal server at ${address} does not let this caller into the namespace "${namespace}"; ${check}.`;
}

function cutOff({ address, options: { tls } }: TemporalTarget): string {
  const server = `The Temporal server at ${address} ends the connection`;
  if (!tls) return `${server}; if it wants TLS, set TEMPORAL_TLS to true.`;
  if (tls === true || !tls.clientCertPair)
    return `${server}; it may want a client certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.`;
  return `${server}; it may refuse the client certificate: check TEMPORAL_TLS_CLIENT_CERT_PATH and what the namespace accepts.`;
}
