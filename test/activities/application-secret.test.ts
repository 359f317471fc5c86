import { expect, test } from "vitest";
import { secureSecret } from "../../src/activities/credentials/application-secret.ts";
import type { SecretStore } from "../../src/secrets/secret-store.ts";
import { AT_ONCE, setUp } from "../destinations/workos-setup.ts";

test("a lost secret is replaced, and one that a person made meanwhile and uses stays", async () => {
  const { double, workos } = await setUp();
  const { applications, clientSecrets } = double.stores;
  const { id: organization_id } = double.stores.organizations.add({
    object: "organization",
    ...double.stores.organizations.stamp(),
    ...{ name: "Acme", domains: [], metadata: {}, external_id: "acme" },
    allow_profiles_outside_organization: false,
  });
  const { id, client_id } = applications.add({
    object: "connect_application",
    ...applications.stamp(),
    ...{ name: "Web", description: "cognito:web", client_id: "client_web" },
    ...{ scopes: [], application_type: "m2m", organization_id },
  });
  // Kept nowhere: a worker died, or the store refused it.
  await workos.applications.newSecret(id);
  const own = await workos.applications.newSecret(id);
  if (!own.ok) throw new Error(own.problem);
  const used = clientSecrets.byId.get(own.value.id);
  if (used !== undefined) used.last_used_at = used.created_at;
  const application = { storeName: "pool/web", applicationId: id, clientId: client_id };
  const tries = { firstClaimedAtMs: Date.now() - 86_400_000 };
  const secured = await secureSecret(workos.applications, emptyStore(), application, tries, AT_ONCE);
  if (secured.kind !== "secured") throw new Error(secured.kind);
  const listed = await workos.applications.listSecrets(id);
  if (!listed.ok) throw new Error(listed.problem);
  expect(listed.value.map((one) => one.id)).toEqual([own.value.id, secured.secretId]);
});

function emptyStore(): SecretStore {
  return {
    place: "nowhere",
    check: async () => ({ ok: true, value: null }),
    get: async () => ({ ok: true, value: null }),
    put: async () => ({ ok: true, value: "kept" }),
  };
}
