/** How fast the sign-in bridge moves people, if the same share of them signs in each day. Pure. */

/** S = 1 − (1 − P)^D (FusionAuth docs, "Slow migration"), without the loss of digits that tiny shares would bring. */
function shareBy(perDay: number, day: number): number {
  return -Math.expm1(day * Math.log1p(-perDay));
}

/** Moved by the end of the day, to a tenth. */
export function percentBy(perDay: number, day: number): number {
  return Math.round(shareBy(perDay, day) * 1_000) / 10;
}

/** The first day by whose end so many are moved. */
export function dayOf(perDay: number, percent: number): number {
  const exact = Math.log1p(-percent / 100) / Math.log1p(-perDay);
  // A day that is met exactly may come out a hair too late.
  return Math.max(1, Math.ceil(exact - 1e-9));
}

/** The share a day that leads to what was moved by the end of a day. */
export function perDayOf(moved: number, day: number): number {
  return -Math.expm1(Math.log1p(-moved) / day);
}
