import type { Facts } from "../../destinations/facts.ts";
import { markdownCode as code, markdownProse as prose, markdownText as text } from "../../domain/markdown.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolGroup } from "../../domain/pool.ts";
import type { ChangedSince } from "../../ledger/changed-since.ts";
import { organizationOfGroup } from "../../plan/organizations.ts";
import { spEntityId } from "../../plan/placement.ts";
import { groupRoles, isOfProvider } from "../../plan/roles.ts";
import type { ClientStanding } from "../clients.ts";
import type { ProviderStanding } from "../providers.ts";
import { undecidedOf } from "../tally.ts";
import type { HandOffInput } from "./input.ts";
import { checklist } from "./markdown.ts";
import { resetItems } from "./resets-section.ts";

/** More names than this are counted, not listed. */
const MAX_NAMES = 20;

/** Everything that is left to do by hand, to be ticked off. */
export function checklistSection(input: HandOffInput): string {
  const { migration, setUp, vendor } = input;
  const parts: [title: string, items: string[]][] = [
    [
      "Identity providers",
      [
        ...setUp.providers.flatMap(providerItem),
        ...setUp.providers.flatMap((standing) => samlItem(migration.file, standing)),
      ],
    ],
    ["Applications", setUp.clients.flatMap((standing) => clientItem(standing, vendor.facts))],
    [
      "Lambda triggers",
      (setUp.shape?.triggers ?? []).map((trigger) => `Replace ${code(trigger)}: see the table below.`),
    ],
    [`Settings of ${text(vendor.name)}`, [...vendor.handOver.settings.map(prose), ...mfaItem(input)]],
    [
      "People",
      [
        ...decisionsItem(input),
        ...changedItems(input.changedSince),
        ...groupsItem(migration.file, setUp.groups),
        ...attributesItem(input),
        ...resetItems(input.summary.resets),
      ],
    ],
  ];
  const filled = parts.filter(([, items]) => items.length > 0);
  return ["## Checklist", ...filled.map(([title, items]) => `### ${title}\n\n${checklist(items)}`)].join(
    "\n\n",
  );
}

function providerItem({ provider, check, identities }: ProviderStanding): string[] {
  const name = text(provider.name);
  switch (check.state) {
    case "verified":
      return [];
    case "missing":
      return [`Set up ${name}: the steps stand below.`];
    case "open":
      return [`Set up ${name} before everyone comes: the steps stand below.`];
    case "none":
      return told(identities, `Tell the people of ${name} how they sign in: it has no counterpart.`);
    case "skipped":
      return told(identities, `Tell the people of ${name} how they sign in: it was skipped.`);
  }
}

/** Where a provider has no people, nobody has to be told. */
function told(identities: number, item: string): string[] {
  return identities === 0 ? [] : [item];
}

/** No look from outside shows whether the provider takes the new address. */
function samlItem(file: Migration, { provider, check, fate }: ProviderStanding): string[] {
  if (fate.kind !== "connection" || provider.saml === null || check.state === "skipped") return [];
  const kept = spEntityId(file);
  const added = `Have the assertion consumer URL of the connection's page added at ${text(provider.name)}`;
  return kept === null
    ? [`${added}, and the entity id that it shows.`]
    : [`${added}; the entity id stays ${code(kept)}.`];
}

function clientItem(
  { client, outcome, destinationClientId, secretName, note }: ClientStanding,
  { keeps }: Facts,
): string[] {
  const name = `${text(client.name)} (${code(client.id)})`;
  switch (outcome) {
    case "application":
    case "machine": {
      const secret = secretName === null || keeps.clientSecret ? [] : ["client secret"];
      const changed = [...(keeps.clientId ? [] : ["client id"]), ...secret];
      if (changed.length === 0) return [];
      const newId = keeps.clientId ? "" : `: the new id is ${code(destinationClientId ?? "")}`;
      return [`Change ${changed.join(" and ")} in ${name}${newId}.`];
    }
    case "not_needed":
      return [`Replace Cognito's SDK in ${name}.`];
    case "not_taken":
    case "failed":
    case "open":
      return [`${name}: ${prose(note)}`];
    case "left_behind":
      return [];
  }
}

function mfaItem({ setUp, vendor }: HandOffInput): string[] {
  const mfa = setUp.shape?.mfa ?? "OFF";
  return mfa === "OFF"
    ? []
    : [`MFA is ${mfa} in the pool, and nobody's factors come along. ${prose(vendor.handOver.mfa)}`];
}

function groupsItem(file: Migration, groups: readonly PoolGroup[]): string[] {
  const roles = new Set(groupRoles(file, groups).map(({ group }) => group));
  const left = groups
    .map(({ name }) => name)
    .filter(
      (name) =>
        !roles.has(name) &&
        !isOfProvider(file, name) &&
        organizationOfGroup(file.organizations, name) === null,
    );
  if (left.length === 0) return [];
  const more = left.length - MAX_NAMES;
  const names = left.slice(0, MAX_NAMES).map(code).join(", ");
  return [
    `Groups that became neither a role nor an organization: ${names}${more > 0 ? ` and ${more.toLocaleString("en-US")} more` : ""}.`,
  ];
}

function decisionsItem({ summary }: HandOffInput): string[] {
  const undecided = undecidedOf(summary);
  if (undecided === 0) return [];
  const people = undecided === 1 ? "1 person waits" : `${undecided.toLocaleString("en-US")} people wait`;
  return [
    `${people} for a decision: ${code("./spillway decide FILE")} shows who shares an address, and writes who comes along, and who does not, into the migration file. Then start again. ${code("users.csv")} lists them with a reason that begins with ${code("decision_")}.`,
  ];
}

function changedItems({ disabled, otherAddress }: ChangedSince): string[] {
  const accounts = (count: number) =>
    count === 1 ? "the account of 1 person" : `the accounts of ${count.toLocaleString("en-US")} people`;
  return [
    ...(disabled === 0
      ? []
      : [
          `Remove ${accounts(disabled)} disabled in Cognito since the import, or set ${code("users.disabledLater")} and start again: they still work. ${code("summary.json")} names a few under ${code("disabled_after_import")}.`,
        ]),
    ...(otherAddress === 0
      ? []
      : [
          `Decide about ${accounts(otherAddress)} with another address in Cognito by now: ${code("./spillway decide FILE")} asks, and the next run writes it.`,
        ]),
  ];
}

function attributesItem({ peopleWithAttributes }: HandOffInput): string[] {
  if (peopleWithAttributes === 0) return [];
  const people =
    peopleWithAttributes === 1
      ? "1 person has"
      : `${peopleWithAttributes.toLocaleString("en-US")} people have`;
  return [`Load ${code("attributes.jsonl")} where it belongs: ${people} attributes that did not come along.`];
}
