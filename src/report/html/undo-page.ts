import { html } from "hono/html";
import { PLACED_KINDS } from "../../domain/books.ts";
import { ownValue } from "../../domain/own-value.ts";
import { UNDO_KINDS, UNDO_REASONS } from "../../domain/undo-words.ts";
import { UNDO_OUTCOMES, type UndoOutcome, type UndoReason } from "../undo-csv.ts";
import type { UndoneSummary } from "../undo-report.ts";
import { barChart } from "./charts.ts";
import { figure, noted, type Section, table } from "./parts.ts";
import { headlineOf, pageOf } from "./shell.ts";
import { grouped, named, printable, prose } from "./words.ts";

/** report.html of a migration that was undone: counts alone. */

export interface UndoPageInput {
  summary: UndoneSummary;
  reasons: readonly UndoReason[];
  vendorName: string;
  /** People who had a reset mail. */
  mailed: number;
  /** Secrets of its applications in the secret store. */
  secretsKept: number;
}

const MEANINGS: Readonly<Record<UndoneSummary["result"], string>> = {
  undone: "What this migration made is taken back, but for what stays for the reasons below.",
  unfinished: "The undo has not come to its end: the counts are those of now. The same command goes on.",
};

/** As people call them. */
const OUTCOMES: Readonly<Record<UndoOutcome, string>> = {
  removed: "removed",
  restored: "as before",
  kept: "stays",
  failed: "failed",
  open: "open",
};

export function undoPage(input: UndoPageInput): Promise<string> {
  const { summary, vendorName } = input;
  const sections = [madeSection(input), staysSection(input), failedSection(input), leftSection(input)];
  const header = headlineOf({
    what: "Undo of the migration",
    vendorName,
    region: summary.region,
    summary,
    meaning: MEANINGS[summary.result],
    figures: UNDO_OUTCOMES.map((outcome) => [OUTCOMES[outcome], countOf(summary, outcome)]),
  });
  return pageOf(
    `Undo of ${printable(summary.pool)}: ${summary.result}`,
    header,
    sections.filter((section) => section !== null),
  );
}

function countOf({ byKind }: UndoneSummary, outcome: UndoOutcome): number {
  return PLACED_KINDS.reduce((sum, kind) => sum + byKind[kind][outcome], 0);
}

/** What became of all that the migration made or adopted. */
function madeSection({ summary }: UndoPageInput): Section {
  const kinds = PLACED_KINDS.filter((kind) =>
    UNDO_OUTCOMES.some((outcome) => summary.byKind[kind][outcome] > 0),
  );
  const ended = UNDO_OUTCOMES.map((outcome) => ({
    label: OUTCOMES[outcome],
    value: countOf(summary, outcome),
  })).filter(({ value }) => value > 0);
  const says = `What became of it: ${ended.map(({ label, value }) => `${grouped(value)} ${label}`).join(", ")}.`;
  const rows = kinds.map((kind) => [
    UNDO_KINDS[kind],
    ...UNDO_OUTCOMES.map((outcome) => grouped(summary.byKind[kind][outcome])),
  ]);
  const header = ["What", ...UNDO_OUTCOMES.map((outcome) => ({ number: OUTCOMES[outcome] }))];
  return {
    id: "made",
    title: "What this migration made",
    body:
      rows.length === 0
        ? html`<p>Nothing of it stood.</p>`
        : html`${figure(says, barChart(ended))}
${table("By kind", header, rows)}
<p>${prose("`undo.csv` has a line for each. Memberships that went with their accounts are not counted.")}</p>`,
  };
}

function staysSection({ reasons }: UndoPageInput): Section | null {
  const rows = reasonRows(reasons, "kept");
  if (rows.length === 0) return null;
  return {
    id: "stays",
    title: "What stays, and why",
    body: table("What stays", ["Why", "What", { number: "How many" }], rows),
  };
}

function failedSection({ reasons }: UndoPageInput): Section | null {
  const rows = reasonRows(reasons, "failed");
  if (rows.length === 0) return null;
  return {
    id: "failed",
    title: "What failed",
    body: html`<p>The same command tries them again.</p>
${table("What failed", ["Code", "What", { number: "How many" }], rows)}`,
  };
}

function reasonRows(reasons: readonly UndoReason[], outcome: UndoOutcome) {
  return reasons
    .filter((one) => one.outcome === outcome)
    .map(({ reason, kind, count }) => [
      noted(html`<code>${named(reason)}</code>`, ownValue(UNDO_REASONS, reason) ?? ""),
      UNDO_KINDS[kind],
      grouped(count),
    ]);
}

/** What no undo takes back, and what a person does about it. */
function leftSection({ summary, vendorName, mailed, secretsKept }: UndoPageInput): Section {
  const isOpen = summary.result === "unfinished";
  const items = [
    ...(isOpen ? ["Give the command of the undo again: it goes on."] : []),
    ...(countOf(summary, "failed") > 0 ? ["Give it again for what failed, once its cause is mended."] : []),
    ...(secretsKept > 0
      ? [
          `${secretsKept === 1 ? "1 client secret stays" : `${grouped(secretsKept)} client secrets stay`} in the secret store: delete them there.`,
        ]
      : []),
    ...(mailed > 0
      ? [
          `${mailed === 1 ? "1 person" : `${grouped(mailed)} people`} had a reset mail, which nobody can take back: its link leads nowhere once the account is gone. Tell them.`,
        ]
      : []),
    `Providers that somebody turned on in ${vendorName}'s dashboard, and connections that were set up by hand, stay: remove them there.`,
    "Cognito was not touched: its people, providers and app clients are as they were.",
  ];
  return {
    id: "left",
    title: "What is left to do",
    body: html`<ul>${items.map((item) => html`<li>${prose(item)}</li>`)}</ul>`,
  };
}
