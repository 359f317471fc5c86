import type { MigrationFile } from "../../src/domain/migration.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { type Rig, startRig } from "./rig.ts";

/** The same in every pool of these tests: only pool ids differ. */
export const SET_UP = makePool({ users: 0, seed: 1, providers: true });

const machines = SET_UP.clients.filter(({ flows }) => flows.includes("client_credentials"));

/** Places everything that has to be placed: at the start of a run only Google and Apple are missing. */
export const PLACED = {
  organizations: { from: "none", named: { acme: { name: "Acme" } } },
  providers: {
    AcmeSAML: { organization: "acme" },
    CorpOIDC: { organization: "corp" },
    Microsoft: { organization: "corp" },
  },
  clients: Object.fromEntries(machines.map(({ id }) => [id, { organization: "corp" }])),
  gate: { firstPollSeconds: 0.1, lastPollSeconds: 0.2 },
} satisfies Partial<MigrationFile>;

/** A pool with identity providers and app clients, and a file that says where they go. */
export async function startGateRig(users = 12, changes: Partial<MigrationFile> = {}): Promise<Rig> {
  const rig = await startRig(users, { ...PLACED, ...changes }, { providers: true });
  // What WorkOS reads at the provider itself.
  const [metadataUrl, ssoUrl] = [
    detail("AcmeSAML", "MetadataURL"),
    detail("AcmeSAML", "SSORedirectBindingURI"),
  ];
  rig.workos.setOptions({ samlMetadata: { [metadataUrl]: ssoUrl } });
  return rig;
}

/** What Cognito knows of a provider. */
export function detail(provider: string, name: string): string {
  const found = SET_UP.identityProviders.find((one) => one.name === provider)?.details[name];
  if (found === undefined) throw new Error(`The pool's ${provider} has no ${name}.`);
  return found;
}
