/**
 * Slices of a table in order of its key, to the last one. `read` gives the rows that come after a key; all of them come
 * after `first`.
 */
export async function* slicesAfter<Row, Key>(
  first: Key,
  keyOf: (row: Row) => Key,
  read: (after: Key) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  for (let after = first; ; ) {
    const slice = await read(after);
    const last = slice.at(-1);
    if (last === undefined) return;
    yield slice;
    after = keyOf(last);
  }
}
