import { readMigration } from "../../ledger/runs.ts";
import {
  addGroupMembers,
  clearGroup,
  packSourceUsers,
  upsertSourceUsers,
} from "../../ledger/source-users.ts";
import type { Blocked, PhaseInput, Progress } from "../../workflows/contract.ts";
import { groupOf } from "../assess.ts";
import type { Deps } from "../deps.ts";
import { pagesPaceKey } from "../pace-keys.ts";
import type { Pulse } from "../pulse.ts";
import { SlotHand } from "../slot-hand.ts";
import { askSource } from "../source-calls.ts";
import { cursorId } from "../steps.ts";
import { walk } from "./walk.ts";

/** Cognito's largest page (API reference, ListUsers `Limit`). */
const PAGE_SIZE = 60;

/** Walks ListUsers into the ledger, and the selected group's members, page by page from where the cursor stands. */
export async function snapshot(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const { migrationId, generation } = run;
  const { file, accountId } = await deps.ledger.read((db) => readMigration(db, migrationId));
  const source = deps.sourceOf(file.source);
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(file.source, accountId)], pulse.signal);
  const tools = { slots, pulse };

  const group = groupOf(file);
  if (group !== null) {
    const walked = await walk(deps.ledger, pulse, cursorId(run, `group:${group}`), {
      fetch: (token) => askSource(tools, () => source.listUsersInGroup(group, token, PAGE_SIZE)),
      store: {
        pack: (users) => users.map((user) => user.sub),
        write: async (tx, pages, isFirst) => {
          if (isFirst) await clearGroup(tx, migrationId, group);
          const subs = pages.flat();
          await addGroupMembers(tx, migrationId, group, subs);
          return subs.length;
        },
      },
    });
    if (walked.status !== "complete") return walked;
  }
  return walk(deps.ledger, pulse, cursorId(run, "snapshot"), {
    fetch: (token) => askSource(tools, () => source.listUsers(token, PAGE_SIZE)),
    store: {
      pack: (users) => packSourceUsers(deps.ledger.kind, migrationId, generation, users),
      write: (tx, pages) => upsertSourceUsers(tx, migrationId, generation, pages),
    },
  });
}
