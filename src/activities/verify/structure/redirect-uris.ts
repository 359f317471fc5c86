import type { FoundRedirectUri } from "../../../destinations/credentials.ts";
import type { Destination } from "../../../destinations/destination.ts";
import type { Compared } from "./compared.ts";

/** Of the environment: an address is there or not, and others are other applications'. */
export function redirectUris({ redirectUris: { holdings } }: Destination): Compared<FoundRedirectUri> {
  return {
    kind: "redirect_uri",
    rows: "redirect URIs",
    holdings,
    keysOf: ({ uri }) => [uri],
    carriesKeyOf: () => true,
    isOfPool: () => false,
    mayHaveTwins: false,
    tell({ uri }, { placed: { kind, key } }, told) {
      if (uri !== key) told.row(kind, key, "differs", "uri");
    },
    detailsOf: () => null,
    whenGone: "stands",
  };
}
