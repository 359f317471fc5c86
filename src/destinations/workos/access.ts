import type { WorkOS } from "@workos-inc/node";
import type { Answer } from "../destination.ts";
import { called, problemOf } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { FOREIGN_CLIENT_ID } from "./settings.ts";
import type { Probe } from "./settle.ts";

/** Whether the key works, and opens the environment that the client id names. */

const FOREIGN = { ok: false, problem: "access_lost", code: FOREIGN_CLIENT_ID } as const;

/** The cheapest call that needs the key. */
export function probeOf({ userManagement }: WorkOS): Probe {
  return () => called(() => userManagement.listUsers({ limit: 1 }));
}

export async function checkAccess(client: WorkOS, clientId: string, probe: Probe): Promise<Answer<null>> {
  const [access, belonging] = await Promise.all([probe(), exchangeNothing(client, clientId)]);
  if (!access.ok) return problemOf(access.failure);
  if (belonging === null) return { ok: true, value: null };
  if (belonging.kind === "slow_down" || belonging.kind === "unknown") return problemOf(belonging);
  return isForeign(belonging) ? FOREIGN : { ok: true, value: null };
}

/**
 * No answer of the API names the environment of a key. The exchange of a sign-in's code takes client id and key
 * together and looks at them first (RFC 6749, 5.2): with a code that nobody was given it makes nothing and signs nobody
 * in, and what it refuses tells whether the two belong together.
 */
async function exchangeNothing(client: WorkOS, clientId: string): Promise<Failure | null> {
  // Past the SDK's own method, whose form would follow a redirect with the key in it.
  const answer = await called(() =>
    client.post("/sso/token", {
      client_id: clientId,
      client_secret: client.key,
      grant_type: "authorization_code",
      code: "spillway-access-check",
    }),
  );
  return answer.ok ? null : answer.failure;
}

/** OpenAPI 0.61, `POST /sso/token`: "Invalid client ID or secret." Every other refusal comes after that look. */
function isForeign(failure: Failure): boolean {
  return failure.kind === "access_lost" || (failure.kind === "rejected" && failure.code === "invalid_client");
}
