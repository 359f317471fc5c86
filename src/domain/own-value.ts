/** What a table has for a word from outside, such as "constructor", which each object has from JavaScript. */
export function ownValue<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
