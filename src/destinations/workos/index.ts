import type { Rules, Vendor } from "../destination.ts";
import { checkAccess, probeOf } from "./access.ts";
import { createApplications } from "./applications.ts";
import { createClient } from "./client.ts";
import { createConnections } from "./connections.ts";
import { counterpartOf } from "./counterparts.ts";
import { facts } from "./facts.ts";
import { handOver } from "./hand-over.ts";
import { isEmail } from "./limits.ts";
import { createMemberships } from "./memberships.ts";
import { createOrganizations } from "./organizations.ts";
import { mappingProblems, organizationProblems, recordProblems, roleProblems } from "./problems.ts";
import { createRedirectUris } from "./redirect-uris.ts";
import { createResets } from "./resets.ts";
import { createRoles } from "./roles.ts";
import { settings, type WorkosSettings } from "./settings.ts";
import { createSignIn } from "./sign-in.ts";
import { createUsers } from "./users.ts";

const CALL_TIMEOUT_MS = 10_000;

const rules: Rules = {
  facts,
  counterpartOf,
  recordProblems,
  organizationProblems,
  roleProblems,
  mappingProblems,
  refusesEmail: (email) => !isEmail(email),
};

/** WorkOS, through its own SDK. */
export const workos: Vendor<WorkosSettings> = {
  kind: "workos",
  name: "WorkOS",
  environmentIs: "client id",
  settings,
  facts,
  rules,
  handOver,
  connect(own, callTimeoutMs = CALL_TIMEOUT_MS) {
    const client = createClient(own, callTimeoutMs);
    const probe = probeOf(client);
    const { apiUrl, clientId } = own;
    return {
      ...rules,
      kind: "workos",
      environment: clientId,
      callTimeoutMs,
      organizations: createOrganizations(client, probe),
      roles: createRoles(client, probe),
      users: createUsers(client, probe),
      memberships: createMemberships(client, probe),
      connections: createConnections(client, probe, { apiUrl, clientId, callTimeoutMs }),
      redirectUris: createRedirectUris(client, probe),
      applications: createApplications(client, probe),
      resets: createResets(client, probe),
      checkAccess: () => checkAccess(client, clientId, probe),
    };
  },
  signIn: (own, callTimeoutMs) => createSignIn(createClient(own, callTimeoutMs), own.clientId),
};
