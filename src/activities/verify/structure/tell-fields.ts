import { fieldsOtherThan, hasField } from "../../../plan/fingerprint.ts";
import type { Told } from "../told.ts";
import type { Compared, Written } from "./compared.ts";

/** As reports name the fields of a fingerprint, where they are not written alike. */
const WORDS: Readonly<Record<string, string>> = {
  externalId: "external_id",
  // A connection has the provider's name.
  provider: "name",
  defaultRedirectUri: "default_redirect_uri",
  isConfidential: "uses_pkce",
};

/** As reports name one of a list, by its field. */
const WORDS_OF_LISTS: Readonly<Record<string, string>> = {
  verifiedDomains: "domain",
  permissions: "permission",
  scopes: "scope",
  redirectUris: "redirect_uri",
};

/** Tells in which of these fields it holds another value than was written. Of what nobody here wrote nothing is told. */
export function tellFields(
  kind: Compared<never>["kind"],
  { placed, planned }: Written,
  standing: Readonly<Record<string, unknown>>,
  told: Told,
): void {
  const { key, fingerprint } = placed;
  if (fingerprint === null) return;
  const differing = fieldsOtherThan(fingerprint, new Map(Object.entries(standing)), { nulls: true });
  for (const name of differing.filter((field) => Object.hasOwn(standing, field))) {
    const word = WORDS_OF_LISTS[name];
    if (word === undefined) told.row(kind, key, "differs", WORDS[name] ?? name);
    // What was written before the newest plan is known by its hash alone.
    else if (!hasField(fingerprint, name, planned[name])) told.row(kind, key, "differs", `${word}s`);
    else
      tellList(kind, key, word, { written: textsOf(planned[name]), standing: textsOf(standing[name]) }, told);
  }
}

function tellList(
  kind: Compared<never>["kind"],
  key: string,
  word: string,
  { written, standing }: { written: readonly string[]; standing: readonly string[] },
  told: Told,
): void {
  for (const one of written.filter((text) => !standing.includes(text)))
    told.row(kind, key, "missing", `${word} ${one}`);
  for (const one of standing.filter((text) => !written.includes(text)))
    told.row(kind, key, "surplus", `${word} ${one}`);
}

/** A list that others may add to: of what is there, only what was to be there counts. Empty where that is not known. */
export function withinWritten(
  name: string,
  { placed, planned }: Written,
  isThere: (text: string) => boolean,
): Readonly<Record<string, readonly string[]>> {
  const isKnown = placed.fingerprint !== null && hasField(placed.fingerprint, name, planned[name]);
  return isKnown ? { [name]: textsOf(planned[name]).filter(isThere) } : {};
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** A destination may keep a text without the blanks around it. */
export function asPlanned(standing: string, planned: unknown): unknown {
  return typeof planned === "string" && planned.trim() === standing ? planned : standing;
}

/** The key of the organization that it is to belong to, where it does; else what it belongs to. */
export function organizationOf(id: string | null, { planned, organizationId }: Written): unknown {
  return id === organizationId ? (planned.organization ?? null) : id;
}
