/**
 * Who of them are one person by Cognito's own word, because they hold an identity in common: by sub, the same text for the
 * same person. Whoever shares none is absent. Pure.
 */
export function peopleOf(
  holders: readonly { sub: string; identities?: readonly string[] }[],
): Map<string, string> {
  const people = new Map<string, string>();
  const byIdentity = new Map<string, string[]>();
  for (const { sub, identities = [] } of holders)
    for (const identity of identities) byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), sub]);
  for (const subs of byIdentity.values()) {
    if (subs.length < 2) continue;
    const names = new Set(subs.map((sub) => people.get(sub) ?? sub));
    const [name = ""] = names;
    for (const [sub, known] of people) if (names.has(known)) people.set(sub, name);
    for (const sub of subs) people.set(sub, name);
  }
  return people;
}
