const GROUPS = 8;
/** Whoever has one IPv6 address has all that begin alike. */
const NETWORK_GROUPS = 4;

/** What tries from an IP address are counted for: one text for each of its ways of writing. IPv6 counts by its /64. */
export function networkOf(ipAddress: string): string {
  if (!ipAddress.includes(":")) return ipAddress;
  const groups = groupsOf(new URL(`http://[${ipAddress}]`).hostname.slice(1, -1));
  const isMappedIpv4 = groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff";
  return isMappedIpv4 ? ipv4Of(groups.slice(6)) : groups.slice(0, NETWORK_GROUPS).join(":");
}

/** Of the canonical text. */
function groupsOf(canonical: string): string[] {
  const [head = [], tail = []] = canonical.split("::").map((part) => (part === "" ? [] : part.split(":")));
  return [...head, ...Array<string>(GROUPS - head.length - tail.length).fill("0"), ...tail];
}

function ipv4Of(groups: readonly string[]): string {
  return groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 0xff])
    .join(".");
}
