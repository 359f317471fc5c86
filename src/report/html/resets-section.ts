import { html } from "hono/html";
import { noMailHelp } from "../../plan/no-mail-help.ts";
import { NO_RESET_REASONS } from "../../plan/reset-policy.ts";
import { plannedMailsText } from "../resets-text.ts";
import { barChart } from "./charts.ts";
import type { PageInput } from "./input.ts";
import { figure, noted, type Section, table } from "./parts.ts";
import { grouped, prose } from "./words.ts";

const REASONS: Readonly<Record<string, string>> = NO_RESET_REASONS;

/** How the reset mails ended; null where no campaign has to do with anybody. */
export function resetsSection({ summary }: PageInput): Section | null {
  const { mailed, unsettled, failed, open, notMailed } = summary.resets;
  const planned = summary.mode === "plan" ? plannedMailsText(summary.findings) : null;
  const without = notMailed.reduce((sum, { people }) => sum + people, 0);
  const ended = [
    { label: "mailed", value: mailed },
    { label: "unsettled", value: unsettled },
    { label: "failed", value: failed },
    { label: "open", value: open },
    { label: "not mailed", value: without },
  ].filter(({ value }) => value > 0);
  if (ended.length === 0 && planned === null) return null;
  const says = `Reset mails: ${ended.map(({ label, value }) => `${grouped(value)} ${label}`).join(", ")}.`;
  const reasons = notMailed.map(({ reason, people }) => [
    noted(html`<code>${reason}</code>`, prose(meaningOf(reason))),
    grouped(people),
  ]);
  return {
    id: "resets",
    title: "Reset mails",
    body: html`${planned === null ? "" : html`<p>${prose(planned)}</p>`}
${ended.length > 0 ? figure(says, barChart(ended)) : ""}
${reasons.length > 0 ? table("Why people got no mail", ["Reason", { number: "People" }], reasons) : ""}`,
  };
}

/** Why there is no mail, and what helps. */
function meaningOf(reason: string): string {
  return [REASONS[reason], noMailHelp(reason)?.helps].filter((one) => one !== undefined).join(" ");
}
