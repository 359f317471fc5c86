const GROUPS = 8;
const GROUP_BITS = 16;
/** What one machine, one home and one organization are given of IPv6 (RFC 6177, 2), each with all that begins alike. */
const PREFIX_BITS = [64, 56, 48] as const;

/** Before the 32 bits of an IPv4 address: by themselves all of IPv4 would count as one network. */
const BEFORE_IPV4: ReadonlySet<string> = new Set([
  // RFC 4291, 2.5.5: compatible and mapped.
  "0:0:0:0:0:0",
  "0:0:0:0:0:ffff",
  // RFC 2765, 2.1: translated.
  "0:0:0:0:ffff:0",
  // RFC 6052, 2.1: NAT64.
  "64:ff9b:0:0:0:0",
]);
/** RFC 8215: NAT64 of a network's own, with the IPv4 address at the end, or behind this prefix itself (RFC 6052, 2.2). */
const OWN_NAT64 = "64:ff9b:1";
/** RFC 3056, 2: whoever has an IPv4 address has all that begin with these groups and it. */
const SIX_TO_FOUR = "2002";

/**
 * What tries from an IP address are counted for, the narrowest network first: one text each for all ways of writing it.
 * IPv6 counts by its /64, /56 and /48, because whoever has one address of a network may have all of it.
 */
export function networksOf(ipAddress: string): string[] {
  if (!ipAddress.includes(":")) return [ipAddress];
  const groups = groupsOf(new URL(`http://[${ipAddress}]`).hostname.slice(1, -1));
  const ipv4 = ipv4Within(groups);
  return ipv4 === null ? PREFIX_BITS.map((bits) => prefixOf(groups, bits)) : [ipv4];
}

function ipv4Within(groups: readonly string[]): string | null {
  const last = groups.slice(-2);
  if (BEFORE_IPV4.has(groups.slice(0, -2).join(":"))) return ipv4Of(last);
  if (groups[0] === SIX_TO_FOUR) return ipv4Of(groups.slice(1, 3));
  if (groups.slice(0, 3).join(":") !== OWN_NAT64) return null;
  if (last.some((group) => group !== "0")) return ipv4Of(last);
  // Eight bits that are always 0 stand in its middle.
  const [first = "0", second = "0", third = "0"] = groups.slice(3);
  const rest = (numberOf(second) << 8) | (numberOf(third) >> 8);
  return ipv4Of([first, (rest & 0xffff).toString(16)]);
}

function prefixOf(groups: readonly string[], bits: number): string {
  const whole = groups.slice(0, Math.floor(bits / GROUP_BITS));
  const left = bits % GROUP_BITS;
  const cut = numberOf(groups[whole.length] ?? "0") >> (GROUP_BITS - left);
  return `${[...whole, ...(left === 0 ? [] : [cut.toString(16)])].join(":")}/${bits}`;
}

function numberOf(group: string): number {
  return Number.parseInt(group, 16);
}

/** Of the canonical text. */
function groupsOf(canonical: string): string[] {
  const [head = [], tail = []] = canonical.split("::").map((part) => (part === "" ? [] : part.split(":")));
  return [...head, ...Array<string>(GROUPS - head.length - tail.length).fill("0"), ...tail];
}

function ipv4Of(groups: readonly string[]): string {
  return groups
    .map(numberOf)
    .flatMap((number) => [number >> 8, number & 0xff])
    .join(".");
}
