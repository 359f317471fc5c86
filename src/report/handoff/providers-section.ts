import { PROVIDER_FAULTS, WITHOUT_PROVIDER } from "../../domain/counterparts.ts";
import { markdownProse as prose, markdownText as text } from "../../domain/markdown.ts";
import { providerTask } from "../../plan/provider-advice.ts";
import type { ProviderStanding } from "../providers.ts";
import type { HandOffInput } from "./input.ts";
import { list, table } from "./markdown.ts";

const FAULTS: Readonly<Record<string, string>> = PROVIDER_FAULTS;

/** Where each identity provider stands, and what is left to do for it. */
export function providersSection({ migration, setUp }: HandOffInput): string | null {
  const { providers } = setUp;
  if (providers.length === 0) return null;
  const rows = providers.map((standing) => [
    text(standing.provider.name),
    text(standing.provider.type),
    standing.identities.toLocaleString("en-US"),
    stateText(standing),
  ]);
  return [
    "## Identity providers",
    table(["Provider", "Type", "Identities in the pool", "Where it stands"], rows),
    ...providers.flatMap((standing) => tasks(standing, migration.file.dryRun)),
  ].join("\n\n");
}

function stateText({ check }: ProviderStanding): string {
  const since = check.earlier === 1 ? " since an earlier run" : "";
  switch (check.state) {
    case "verified":
      // Whoever signed in with it by hand said how.
      return check.reason === null ? "verified" : `verified by hand${since}: ${text(check.reason)}`;
    case "skipped":
      return `skipped${since}: ${text(check.reason ?? "")}`;
    case "none":
      return "no counterpart";
    case "open":
      return "not looked at: the pilot did not need it";
    case "missing":
      if (check.fault === null) return "not looked at yet";
      return `not verified: ${faultText(check.fault, check.found)}`;
  }
}

function faultText(fault: string, found: string | null): string {
  const seen = found === null ? "" : ` Found: ${found}`;
  return text(`${FAULTS[fault] ?? fault}${seen}`);
}

function tasks(standing: ProviderStanding, isDryRun: boolean): string[] {
  if (standing.check.state === "verified") return [];
  const lines = [
    ...providerTask(standing.provider, standing.fate, { fault: standing.check.fault, isDryRun }),
    ...peopleWithout(standing),
  ];
  if (standing.fate.kind === "organization_missing")
    lines.push('Name its organization under "providers" in the migration file.');
  return lines.length === 0 ? [] : [`### ${text(standing.provider.name)}`, list(lines.map(prose))];
}

/** What people do whose provider does not come along. */
function peopleWithout({ check, fate, identities }: ProviderStanding): string[] {
  if (check.state !== "skipped" && check.state !== "none") return [];
  const instead = fate.kind === "none" ? fate.instead : WITHOUT_PROVIDER;
  const links = identities === 1 ? "1 identity" : `${identities.toLocaleString("en-US")} identities`;
  return [`It has ${links} in the pool. ${instead}`];
}
