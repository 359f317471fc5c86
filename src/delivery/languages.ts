/** As people and Cognito write it: `pt-BR`, `pt_BR`, `PT_br.UTF-8`. Null for what is no language (BCP 47). */
export function canonicalLanguage(text: string): string | null {
  const [tag = ""] = text.trim().split(/[.@]/, 1);
  try {
    return Intl.getCanonicalLocales(tag.replaceAll("_", "-"))[0] ?? null;
  } catch {
    return null;
  }
}

/** The language itself, then what it is a kind of: `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647, 3.4). */
export function lookupOrder(language: string): string[] {
  const parts = language.split("-");
  const shorter = parts.map((_, index) => parts.slice(0, parts.length - index));
  // A single letter or digit only leads to what stood behind it.
  return shorter.filter((kept) => (kept.at(-1) ?? "").length > 1).map((kept) => kept.join("-"));
}
