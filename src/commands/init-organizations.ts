import { input } from "@inquirer/prompts";
import type { RegisteredVendor } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import type { PoolGroup } from "../domain/pool.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { organizationOfGroup } from "../plan/organizations.ts";
import { type Choice, choose } from "./choose.ts";
import { refusalOf } from "./init-answer.ts";
import type { KnownPool } from "./init-known.ts";

type Organizations = NonNullable<MigrationFile["organizations"]>;

/** Asks what becomes an organization: what the pool has nothing for is no choice. */
export async function askOrganizations(
  file: MigrationFile,
  known: KnownPool,
  { name, facts }: RegisteredVendor,
): Promise<Pick<MigrationFile, "organizations">> {
  if (!facts.takes.organizations) return {};
  const from = await choose(`What becomes an organization at ${name}?`, waysFor(known));
  switch (from) {
    case "none":
      return {};
    case "fixed":
      return { organizations: { from, organization: await askForKey(file) } };
    case "attribute":
      return { organizations: { from, attribute: await askForAttribute(file, known) } };
    case "group":
      return { organizations: { from, prefix: await askForPrefix(file, known) } };
  }
}

function waysFor(known: KnownPool): Choice<Organizations["from"]>[] {
  const attributes: Choice<"attribute"> = {
    value: "attribute",
    name: "Each value of an attribute",
    description: "A user belongs to the organization that the attribute names.",
  };
  const groups: Choice<"group"> = {
    value: "group",
    name: "Each group whose name begins alike",
    description: 'With "tenant-", the group "tenant-acme" is the organization "acme".',
  };
  return [
    { value: "none", name: "Nothing", description: "People come over, and belong to no organization." },
    ...(customAttributes(known)?.length === 0 ? [] : [attributes]),
    ...(known.groups?.length === 0 ? [] : [groups]),
    { value: "fixed", name: "One for everybody", description: "All users belong to it." },
  ];
}

/** Null where the pool could not be read. */
function customAttributes({ shape }: KnownPool): string[] | null {
  return shape?.attributeNames.filter((name) => /^(custom|dev):/.test(name)) ?? null;
}

async function askForKey(file: MigrationFile): Promise<string> {
  const key = await input({
    message: "Key of the organization, such as all:",
    validate: (organization) => refusalOf({ ...file, organizations: { from: "fixed", organization } }),
  });
  return key.trim();
}

async function askForAttribute(file: MigrationFile, known: KnownPool): Promise<string> {
  const names = customAttributes(known) ?? [];
  const choices = names.map((name) => ({ value: name, name }));
  const other = { value: null, name: "Another one, which you type" };
  const chosen =
    names.length === 0 ? null : await choose<string | null>("Which attribute?", choices, [other]);
  if (chosen !== null) return chosen;
  const typed = await input({
    message: "Name of the attribute, such as custom:tenant:",
    validate: (text) => {
      const attribute = text.trim();
      if (known.shape?.attributeNames.includes(attribute) === false) return "The pool has no such attribute.";
      return refusalOf({ ...file, organizations: { from: "attribute", attribute } });
    },
  });
  return typed.trim();
}

/** A prefix may end in what trimming would take. */
async function askForPrefix(file: MigrationFile, { groups }: KnownPool): Promise<string> {
  const proposed = commonPrefix(groups ?? []);
  return input({
    message: "How do the names of these groups begin?",
    ...(proposed !== null && { default: proposed }),
    validate: (prefix) => {
      const rule = { from: "group", prefix } as const;
      const refusal = refusalOf({ ...file, organizations: rule });
      if (refusal !== true || groups === null) return refusal;
      const isOne = ({ name }: PoolGroup) => organizationOfGroup({ ...rule, named: {} }, name) !== null;
      return groups.some(isOne) || "No group of the pool begins so, and goes on.";
    },
  });
}

/** The beginning, up to a separator, that most groups share; null where no two of them do. */
function commonPrefix(groups: readonly PoolGroup[]): string | null {
  const beginnings = groups.flatMap(({ name }) => /^[\w ]*?[a-z0-9][-_:/.](?=.)/i.exec(name) ?? []);
  const [most] = [...Map.groupBy(beginnings, (one) => one)].toSorted(([, a], [, b]) => b.length - a.length);
  return most !== undefined && most[1].length > 1 && terminalText(most[0]) === most[0] ? most[0] : null;
}
