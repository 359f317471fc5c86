import type { PlacedKind } from "../domain/books.ts";
import type { UndoCounts, UndoSummary } from "../domain/contract.ts";
import { duration } from "../domain/duration.ts";
import { ownValue } from "../domain/own-value.ts";
import { UNDO_KINDS, UNDO_REASONS } from "../domain/undo-words.ts";
import { counted, grouped } from "./format.ts";
import type { UndoPlan } from "./undo-plan.ts";

/** What an undo would do, and what it did, in words. */

/** In the order in which people ask. */
const ORDER = Object.keys(UNDO_KINDS) as PlacedKind[];

export function undoPlanText({ of, mailed, secretsKept, seconds }: UndoPlan, isKept: boolean): string {
  const rows = ORDER.flatMap((kind) => {
    const { remove, restore, left } = of[kind];
    const parts = [
      ...(remove > 0 ? [`${grouped(remove)} to remove`] : []),
      ...(restore > 0 ? [`${grouped(restore)} adopted, to be as before`] : []),
      ...reasons(left, "left"),
    ];
    return parts.length === 0 ? [] : [row(kind, parts)];
  });
  if (rows.length === 0) return "Nothing stands at the destination by this ledger: there is nothing to undo.";
  return [
    "An undo takes back what this migration made:",
    ...rows,
    isKept
      ? "Whoever signed in since stays, with what they are a member of; `--signed-in remove` takes them away as well."
      : "Whoever signed in since is removed as well.",
    "An organization stays where anybody else is in it.",
    ...afterwards({ mailed, secretsKept }),
    `It takes at least ${duration(seconds)} at this migration's pace.`,
  ].join("\n");
}

export function undoneText({ of, mailed, secretsKept }: UndoSummary): string {
  const rows = ORDER.flatMap((kind) => {
    const parts = partsOf(of[kind]);
    return parts.length === 0 ? [] : [row(kind, parts)];
  });
  const failed = ORDER.reduce((all, kind) => all + sum(of[kind].failed), 0);
  return [
    failed === 0
      ? "Undone. What this migration made:"
      : `Undone, but for ${counted(failed, "thing")} that failed: the same command tries them again. What this migration made:`,
    ...rows,
    ...afterwards({ mailed, secretsKept }),
  ].join("\n");
}

function partsOf({ removed, restored, kept, failed }: UndoCounts): string[] {
  return [
    ...(removed > 0 ? [`${grouped(removed)} removed`] : []),
    ...(restored > 0 ? [`${grouped(restored)} as before`] : []),
    ...reasons(kept, "left"),
    ...reasons(failed, "failed"),
  ];
}

function reasons(counts: Readonly<Record<string, number>>, what: string): string[] {
  return Object.entries(counts).map(
    ([reason, count]) => `${grouped(count)} ${what} (${ownValue(UNDO_REASONS, reason) ?? reason})`,
  );
}

function row(kind: PlacedKind, parts: readonly string[]): string {
  return `- ${UNDO_KINDS[kind]}: ${parts.join(", ")}`;
}

/** What no undo takes back. */
function afterwards({ mailed, secretsKept }: Pick<UndoSummary, "mailed" | "secretsKept">): string[] {
  return [
    ...(mailed === 0
      ? []
      : [
          `${counted(mailed, "person", "people")} had a reset mail: it cannot be taken back, and its link leads nowhere once the account is gone.`,
        ]),
    ...(secretsKept === 0
      ? []
      : [
          `${counted(secretsKept, "client secret")} of removed applications stay in the secret store: delete them there.`,
        ]),
  ];
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
