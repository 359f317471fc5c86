/** What a bench measured, in the unit that its name ends with. */
export interface Figure {
  name: string;
  value: number;
  /** What it has to keep to; a figure without one is there to be read. */
  target?: { atMost: number } | { atLeast: number };
}

export function isKept({ value, target }: Figure): boolean {
  if (target === undefined) return true;
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function printFigures(figures: readonly Figure[]): void {
  const rows = figures.map((figure) => {
    const { name, value, target } = figure;
    const rounded = rounded4(value);
    if (target === undefined) return [name, { value: rounded }] as const;
    const wanted = "atMost" in target ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
    return [name, { value: rounded, target: wanted, kept: isKept(figure) ? "yes" : "NO" }] as const;
  });
  console.table(Object.fromEntries(rows));
}

/** Four digits after the point say more than any of these figures knows. */
export function rounded4(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
