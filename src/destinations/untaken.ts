import type { Destination } from "./destination.ts";
import type { Sender } from "./sending.ts";

/** For a destination that takes people and nothing else: its facts say so, and then nobody asks for any of these. */
type Untaken = Pick<
  Destination,
  "organizations" | "roles" | "memberships" | "connections" | "redirectUris" | "applications" | "resets"
>;

async function refuse(): Promise<never> {
  throw new Error("The destination takes none of these, and its facts say so.");
}

const sender: Sender<never> = { itemsPerCall: 1, callsInFlight: 1, maxCalls: 1, send: refuse };

export const UNTAKEN: Untaken = {
  organizations: { ...sender, find: refuse, findById: refuse },
  roles: { ...sender, list: refuse },
  memberships: { ...sender, list: refuse, find: refuse },
  connections: { ...sender, list: refuse, portalLink: refuse, check: refuse },
  redirectUris: sender,
  applications: { ...sender, find: refuse, listSecrets: refuse, newSecret: refuse, removeSecret: refuse },
  resets: { send: refuse, sentSince: refuse },
};
