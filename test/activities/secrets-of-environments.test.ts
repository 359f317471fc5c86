import { join } from "node:path";
import { expect, test } from "vitest";
import { type CredentialsDeps, credentialsWork } from "../../src/activities/credentials/credentials-work.ts";
import type { ApplicationPart } from "../../src/plan/credentials-parts.ts";
import { secretName } from "../../src/plan/keys.ts";
import { createFileStore } from "../../src/secrets/file-store.ts";
import { AT_ONCE, itemOf, setUp } from "../destinations/workos-setup.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const POOL = "eu-west-1_AbCdEfGhI";
const CLIENT: ApplicationPart = {
  clientId: "7q2example",
  name: "Web",
  scopes: ["openid"],
  redirectUris: ["https://app.example.com/a"],
  defaultRedirectUri: null,
  isConfidential: true,
  organization: null,
};

test("a rehearsal in another environment keeps its secrets beside those that are there", async () => {
  const secrets = createFileStore(join(freshFolder(), "secrets.json"));
  const file = migrationOf({
    source: { region: "eu-west-1", userPoolId: POOL },
    destination: { kind: "workos" },
  });
  const made: { environment: string; newClientId: string | undefined }[] = [];
  for (const clientId of ["client_production", "client_staging"]) {
    const { workos, double } = await setUp();
    const destination = { ...workos, environment: clientId };
    // An application without an organization asks for nothing else.
    const deps = { destination, secrets, file } as CredentialsDeps;
    const item = itemOf({ kind: "application" as const, data: CLIENT });
    const [outcome] = await credentialsWork(deps).sender.send([item], AT_ONCE);
    expect(outcome).toMatchObject({ kind: "created" });
    made.push({ environment: clientId, newClientId: double.state().applications[0]?.client_id });
  }
  for (const { environment, newClientId } of made) {
    const kept = await secrets.get(secretName(POOL, environment, CLIENT.clientId));
    expect(kept).toMatchObject({ ok: true, value: { clientId: newClientId } });
  }
});
