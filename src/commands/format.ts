/** Numbers and times as a person reads them. */

/** 12001 → "12,001". */
export function grouped(n: number): string {
  return Math.round(n).toLocaleString("en-US");
}

/** 1 user, 2 users. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}
