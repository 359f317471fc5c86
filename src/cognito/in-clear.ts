import { isPrivate } from "../domain/loopback.ts";

/** A call to AWS that would have crossed a network in clear; nothing of it was sent. */
export class EndpointInClear extends Error {
  override readonly name = "EndpointInClear";
  /** As a connection that there is not. */
  readonly code = "ENDPOINT_IN_CLEAR";
}

/**
 * Looks at where a call of an AWS SDK goes: its endpoint may come from AWS's own config file (`endpoint_url`), which no
 * setting names. Throws EndpointInClear where it would take passwords or people to another machine without TLS.
 */
export function refuseInClear(request: unknown): void {
  // Every request of the SDK over HTTP has both.
  const { protocol, hostname } = request as Pick<URL, "protocol" | "hostname">;
  if (!isPrivate({ protocol, hostname })) throw new EndpointInClear("AWS is called by https:// only.");
}
