import type { UndoAbilities } from "../plan/undo-fate.ts";
import type { Destination } from "./destination.ts";

/** What a destination can take back. */
export function undoAbilities(destination: Destination): UndoAbilities {
  const { users, memberships, organizations, connections, redirectUris, applications } = destination;
  const of = ({ removals }: { removals?: unknown }) => ({ removes: removals !== undefined, restores: false });
  return {
    user: { removes: users.removals !== undefined, restores: users.restores !== undefined },
    membership: of(memberships),
    organization: of(organizations),
    // Nobody's API deletes them, as far as one is known.
    role: { removes: false, restores: false },
    connection: of(connections),
    redirect_uri: of(redirectUris),
    application: of(applications),
  };
}
