/** How likely two samples as different as these come of the same thing: Mann–Whitney, two-sided, with its normal approximation. */
export function rankTest(one: readonly number[], other: readonly number[]): number {
  const values = [...one, ...other].toSorted((a, b) => a - b);
  const rankOf = new Map<number, number>();
  let ties = 0;
  for (let from = 0; from < values.length; ) {
    const value = values[from] ?? Number.NaN;
    let until = from + 1;
    while (values[until] === value) until += 1;
    const alike = until - from;
    ties += alike ** 3 - alike;
    // Those that are alike share the mean of their ranks.
    rankOf.set(value, (from + 1 + until) / 2);
    from = until;
  }
  const [n, m, total] = [one.length, other.length, values.length];
  const rankSum = one.reduce((sum, value) => sum + (rankOf.get(value) ?? 0), 0);
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance === 0) return 1;
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return complementaryError(distance / Math.SQRT2);
}

/** Abramowitz and Stegun, 7.1.26 with the exponential taken out: good to 1.2e-7 of its value. Of 0 or more. */
function complementaryError(x: number): number {
  const t = 1 / (1 + x / 2);
  const coefficients = [
    ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
    ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
  ];
  const sum = coefficients.reduceRight((value, coefficient) => value * t + coefficient, 0);
  return t * Math.exp(-x * x + sum);
}
