import type { Destination } from "../../../destinations/destination.ts";
import type { FoundRole } from "../../../destinations/structure.ts";
import type { Compared } from "./compared.ts";
import { asPlanned, tellFields, withinWritten } from "./tell-fields.ts";

/** Roles get their permissions beside those that they have. */
export function roles({ roles: { holdings } }: Destination): Compared<FoundRole> {
  return {
    kind: "role",
    rows: "roles",
    holdings,
    keysOf: ({ id }) => [id],
    carriesKeyOf: () => true,
    isOfPool: () => false,
    mayHaveTwins: false,
    tell({ name, description, permissions }, written, told) {
      const standing = {
        name: asPlanned(name, written.planned.name),
        description: asPlanned(description, written.planned.description),
        ...withinWritten("permissions", written, (permission) => permissions.includes(permission)),
      };
      tellFields("role", written, standing, told);
    },
    detailsOf: () => null,
    whenGone: "stands",
  };
}
