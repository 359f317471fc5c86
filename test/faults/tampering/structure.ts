import type { WorkosApplication } from "../../doubles/workos/application-store.ts";
import type { WorkosConnection } from "../../doubles/workos/connection-store.ts";
import { removeApplication, removeOrganization } from "../../doubles/workos/removals.ts";
import type { WorkosRole } from "../../doubles/workos/role-store.ts";
import { row, type Tampering } from "./scene.ts";

/** What somebody may do to what stands beside people and memberships. */

const ORGANIZATIONS: Tampering[] = [
  {
    name: "another name of an organization",
    act(scene) {
      const { organization } = scene.somebody();
      const key = organization.external_id ?? "";
      scene.workos.stores.organizations.change(organization, { name: "Renamed" });
      return [row("organization", key, "differs", "name")];
    },
  },
  {
    name: "the external id of an organization taken away",
    act(scene) {
      const { organization } = scene.somebody();
      const key = organization.external_id ?? "";
      scene.giveExternalId(organization, null);
      return [row("organization", key, "differs", "external_id")];
    },
  },
  {
    name: "the external ids of two organizations swapped",
    act(scene) {
      const pair = [scene.somebody(), scene.somebody()].map(({ organization }) => organization);
      const [one = "", other = ""] = pair.map(({ external_id }) => external_id ?? "");
      const [first, second] = pair;
      if (first === undefined || second === undefined) throw new Error("There is no pair.");
      scene.giveExternalId(first, null);
      scene.giveExternalId(second, one);
      scene.giveExternalId(first, other);
      return [one, other].map((key) => row("organization", key, "differs", "external_id"));
    },
  },
  {
    name: "a domain of an organization taken out",
    act(scene) {
      const organization = scene.organization("beta");
      const domains = organization.domains.filter(({ domain }) => domain !== "b.example.com");
      scene.workos.stores.organizations.change(organization, { domains });
      return [row("organization", "beta", "missing", "domain b.example.com")];
    },
  },
  {
    name: "a domain of an organization verified no more",
    act(scene) {
      const organization = scene.organization("alpha");
      const domains = organization.domains.map((domain) => ({ ...domain, state: "pending" as const }));
      scene.workos.stores.organizations.change(organization, { domains });
      return [row("organization", "alpha", "missing", "domain alpha.example.com")];
    },
  },
  {
    name: "a deleted organization",
    act(scene) {
      const { organization, membershipKey } = scene.somebody();
      const key = organization.external_id ?? "";
      removeOrganization(scene.workos.stores, organization);
      return [row("organization", key, "missing"), row("membership", membershipKey, "missing")];
    },
  },
  {
    name: "an organization deleted and made anew with another name",
    act(scene) {
      const { organization, membershipKey } = scene.somebody();
      const key = organization.external_id ?? "";
      removeOrganization(scene.workos.stores, organization);
      scene.addOrganization(key);
      return [row("organization", key, "differs", "name"), row("membership", membershipKey, "missing")];
    },
  },
  {
    name: "an organization of a group of the pool that nobody belongs to",
    act(scene) {
      scene.addOrganization("empty");
      return [row("organization", "empty", "surplus")];
    },
  },
];

function role(
  slug: string,
  difference: "differs" | "missing",
  field: string,
  change: Partial<WorkosRole>,
): Tampering {
  return {
    name: `a role: ${difference} ${field}`,
    act(scene) {
      scene.workos.stores.roles.change(scene.role(slug), change);
      return [row("role", slug, difference, field)];
    },
  };
}

const ROLES: Tampering[] = [
  role("renamed", "differs", "name", { name: "Other" }),
  role("described", "differs", "description", { description: "Other" }),
  role("stripped", "missing", "permission posts:write", { permissions: ["posts:read"] }),
  {
    name: "a removed role",
    act(scene) {
      scene.workos.stores.roles.remove(scene.role("removed"));
      return [row("role", "removed", "missing")];
    },
  },
];

function connection(provider: string, field: string, change: Partial<WorkosConnection>): Tampering {
  return {
    name: `a connection: ${field}`,
    act(scene) {
      scene.workos.stores.connections.change(scene.connection(provider), change);
      return [row("connection", provider, "differs", field)];
    },
  };
}

const CONNECTIONS: Tampering[] = [
  connection("Oidc0", "name", { name: "Renamed" }),
  connection("Oidc1", "state", { state: "inactive" }),
  {
    name: "a removed connection",
    act(scene) {
      scene.workos.stores.connections.remove(scene.connection("Oidc2"));
      return [row("connection", "Oidc2", "missing")];
    },
  },
  {
    name: "a connection of another organization",
    act(scene) {
      Object.assign(scene.connection("Oidc3"), { organization_id: scene.organization("alpha").id });
      return [row("connection", "Oidc3", "differs", "organization")];
    },
  },
];

const REDIRECT_URIS: Tampering[] = [
  {
    name: "a redirect URI of the environment taken out",
    act(scene) {
      const uri = "https://app5.example.com/a";
      const found = scene.workos.stores.redirectUris.holderOf(uri);
      if (found !== null) scene.workos.stores.redirectUris.remove(found);
      return [row("redirect_uri", uri, "missing")];
    },
  },
];

type Of = "differs" | "missing" | "surplus";

function application(
  name: string,
  difference: Of,
  field: string,
  change: (found: WorkosApplication) => Partial<WorkosApplication>,
): Tampering {
  return {
    name: `an application: ${difference} ${field}`,
    act(scene) {
      const { client, found } = scene.application(name);
      scene.workos.stores.applications.change(found, change(found));
      return [row("application", client.id, difference, field)];
    },
  };
}

const uris = (found: WorkosApplication) => found.redirect_uris ?? [];

const APPLICATIONS: Tampering[] = [
  application("app-0", "differs", "name", () => ({ name: "Other" })),
  application("app-1", "missing", "redirect_uri https://app1.example.com/b", (found) => ({
    redirect_uris: uris(found).filter(({ uri }) => !uri.endsWith("/b")),
  })),
  application("app-2", "surplus", "redirect_uri https://evil.example.net/", (found) => ({
    redirect_uris: [...uris(found), { uri: "https://evil.example.net/", default: false }],
  })),
  application("app-3", "differs", "default_redirect_uri", (found) => ({
    redirect_uris: uris(found).map(({ uri }) => ({ uri, default: uri.endsWith("/b") })),
  })),
  application("app-4", "missing", "scope email", ({ scopes }) => ({
    scopes: scopes.filter((scope) => scope !== "email"),
  })),
  application("app-5", "surplus", "scope offline_access", ({ scopes }) => ({
    scopes: [...scopes, "offline_access"],
  })),
  application("app-6", "differs", "uses_pkce", () => ({ uses_pkce: false })),
  application("app-7", "differs", "is_first_party", () => ({ is_first_party: false })),
  application("app-8", "differs", "description", () => ({ description: "What is this for?" })),
  application("app-9", "differs", "description", () => ({ description: null })),
  {
    name: "a redirect URI of an application swapped for another one",
    act(scene) {
      const { client, found } = scene.application("app-10");
      const swapped = uris(found).map((one) =>
        one.uri.endsWith("/b") ? { ...one, uri: `${one.uri}/evil` } : one,
      );
      scene.workos.stores.applications.change(found, { redirect_uris: swapped });
      const uri = "redirect_uri https://app10.example.com/b";
      return [
        row("application", client.id, "missing", uri),
        row("application", client.id, "surplus", `${uri}/evil`),
      ];
    },
  },
  {
    name: "a removed application",
    act(scene) {
      const { client, found } = scene.application("app-11");
      removeApplication(scene.workos.stores, found);
      return [row("application", client.id, "missing")];
    },
  },
  {
    name: "a copy of an application, key and all",
    act(scene) {
      const { client, found } = scene.application("app-12");
      const { applications } = scene.workos.stores;
      const copy = applications.add({ ...found, ...applications.stamp(), client_id: "client_copy" });
      return [row("application", client.id, "surplus", `id ${copy.id}`)];
    },
  },
  {
    name: "an application with the key of an app client that needs none",
    act(scene) {
      const { applications } = scene.workos.stores;
      const { id } = scene.client("mobile-app");
      const { found } = scene.application("app-13");
      const made = {
        ...found,
        ...applications.stamp(),
        client_id: "client_made",
        description: `cognito:${id}`,
      };
      const { id: madeId } = applications.add(made);
      return [row("application", id, "surplus", `id ${madeId}`)];
    },
  },
  {
    name: "the secret of an application removed",
    act(scene) {
      const { client, found } = scene.application("app-15");
      const { clientSecrets } = scene.workos.stores;
      for (const secret of clientSecrets.inGroup(found.id))
        clientSecrets.change(secret, { deleted_at: new Date().toISOString() });
      return [row("application", client.id, "missing", "client_secret")];
    },
  },
  {
    name: "a machine's application of another organization",
    act(scene) {
      const { client, found } = scene.application("machine-0");
      Object.assign(found, { organization_id: scene.organization("alpha").id });
      return [row("application", client.id, "differs", "organization")];
    },
  },
];

export const STRUCTURE = [...ORGANIZATIONS, ...ROLES, ...CONNECTIONS, ...REDIRECT_URIS, ...APPLICATIONS];
