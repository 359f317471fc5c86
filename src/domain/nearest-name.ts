/** The name that takes the fewest changes of a letter to be this one; the first of them. Pure. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const distances = names.map((name) => changesBetween(typed, name));
  return names[distances.indexOf(Math.min(...distances))];
}

/** How many letters have to be put in, left out, replaced, or swapped with the next one (optimal string alignment). */
function changesBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, count) => count);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity;
      const replaced = (last[column - 1] ?? Infinity) + (isSame ? 0 : 1);
      next.push(
        Math.min((last[column] ?? Infinity) + 1, (next[column - 1] ?? Infinity) + 1, replaced, swapped),
      );
    }
    beforeLast = last;
    last = next;
  }
  return last.at(-1) ?? 0;
}
