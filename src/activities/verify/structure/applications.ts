import type { FoundApplication } from "../../../destinations/credentials.ts";
import type { Destination } from "../../../destinations/destination.ts";
import type { ApplicationDetails } from "../../../ledger/applications.ts";
import { clientOfKey } from "../../../plan/keys.ts";
import { SECRETS_WALK, verifySecrets } from "./client-secrets.ts";
import type { Compared, Written } from "./compared.ts";
import { asPlanned, organizationOf, tellFields, textsOf } from "./tell-fields.ts";

/** `clientIds`: of the pool's app clients. */
export function applications(
  { applications: { holdings } }: Destination,
  clientIds: ReadonlySet<string>,
): Compared<FoundApplication> {
  return {
    kind: "application",
    rows: "applications",
    holdings,
    keysOf: (found) => {
      const clientId = clientOf(found);
      return clientId === null ? [] : [clientId];
    },
    carriesKeyOf: (found, { key }) => clientOf(found) === key,
    isOfPool: (found) => clientIds.has(clientOf(found) ?? ""),
    mayHaveTwins: true,
    tell(found, written, told) {
      const { kind, key } = written.placed;
      if (clientOf(found) !== key) told.row(kind, key, "differs", "description");
      const { scopes } = found;
      const name = asPlanned(found.name, written.planned.name);
      const organization = organizationOf(found.organizationId, written);
      tellFields(
        "application",
        written,
        { name, scopes, organization, ...signInFields(found, written) },
        told,
      );
      // Written so of all that sign people in.
      if (written.placed.fingerprint !== null && found.signIn?.isFirstParty === false)
        told.row(kind, key, "differs", "is_first_party");
    },
    detailsOf: ({ clientId }): ApplicationDetails => ({ destinationClientId: clientId, secretId: null }),
    whenGone: "stands",
    parts: { name: SECRETS_WALK, walk: verifySecrets },
  };
}

function clientOf({ key }: FoundApplication): string | null {
  return key === null ? null : clientOfKey(key);
}

function signInFields({ signIn }: FoundApplication, { planned }: Written): Readonly<Record<string, unknown>> {
  if (signIn === null) return {};
  const { redirectUris, usesPkce, defaultRedirectUri } = signIn;
  const wanted = planned.defaultRedirectUri ?? textsOf(planned.redirectUris)[0] ?? null;
  // Where the default one is not there, that is told of it already.
  const isAsWanted = defaultRedirectUri === wanted || !redirectUris.some((uri) => uri === wanted);
  return {
    redirectUris,
    isConfidential: !usesPkce,
    defaultRedirectUri: isAsWanted ? planned.defaultRedirectUri : defaultRedirectUri,
  };
}
