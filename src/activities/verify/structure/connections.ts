import type { FoundConnection } from "../../../destinations/credentials.ts";
import type { Destination } from "../../../destinations/destination.ts";
import type { Compared } from "./compared.ts";
import { organizationOf, tellFields } from "./tell-fields.ts";

/** Known by their ids alone. */
export function connections({ connections: { holdings } }: Destination): Compared<FoundConnection> {
  return {
    kind: "connection",
    rows: "connections",
    holdings,
    keysOf: () => [],
    carriesKeyOf: () => false,
    isOfPool: () => false,
    mayHaveTwins: false,
    tell({ name, organizationId, isOn }, written, told) {
      const { kind, key } = written.placed;
      const standing = { provider: name, organization: organizationOf(organizationId, written) };
      tellFields("connection", written, standing, told);
      if (!isOn) told.row(kind, key, "differs", "state");
    },
    detailsOf: () => null,
    whenGone: "removed",
  };
}
