import { html } from "hono/html";
import { barChart } from "./charts.ts";
import type { PageInput } from "./input.ts";
import { figure, type Section, table } from "./parts.ts";
import { grouped, named, percent, printable } from "./words.ts";

const MAX_NAMED = 15;

/** Members by organization, the largest first; null without organizations. */
export function organizationsSection({ organizations, summary }: PageInput): Section | null {
  const { names, total, all } = organizations;
  if (names === 0) return null;
  const top = all.slice(0, MAX_NAMED);
  const others = names - top.length;
  const rest = total - top.reduce((sum, [, count]) => sum + count, 0);
  const what = names === 1 ? "organization" : "organizations";
  const members = summary.mode === "plan" ? "Members to be" : "Members";
  const says = `${members}: ${grouped(total)} in ${grouped(names)} ${what}; the largest has ${grouped(top[0]?.[1] ?? 0)}.`;
  const restName = `${grouped(others)} others`;
  const bars = [
    ...top.map(([name, value]) => ({ label: printable(name), value })),
    ...(others > 0 ? [{ label: restName, value: rest }] : []),
  ];
  const rows = [
    ...top.map(([name, count]) => [named(name), grouped(count), percent(count, total)]),
    ...(others > 0 ? [[restName, grouped(rest), percent(rest, total)]] : []),
  ];
  return {
    id: "organizations",
    title: "By organization",
    body: html`${figure(says, barChart(bars))}
${table("Members by organization", ["Organization", { number: "Members" }, { number: "Share" }], rows)}`,
  };
}
