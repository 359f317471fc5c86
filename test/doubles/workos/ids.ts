import { randomInt } from "node:crypto";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Makes ids such as `user_01E4ZCR3C56J083X43JQXF3JK5`: a ULID that grows with every one made. */
export function createIds(prefix: string): () => string {
  let last = randomInt(2 ** 40);
  return () => {
    last += 1;
    return `${prefix}_${crockford(Date.now(), 10)}${crockford(last, 16)}`;
  };
}

function crockford(value: number, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest = Math.floor(rest / 32))
    digits = CROCKFORD.charAt(rest % 32) + digits;
  return digits;
}
