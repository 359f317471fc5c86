const THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"];

/** Whoever can change the keys on their way can sign any token. Throws a TypeError for an address without TLS. */
export function keyAddress(address: string): URL {
  const url = new URL(address);
  if (url.protocol === "https:" || (url.protocol === "http:" && THIS_MACHINE.includes(url.hostname)))
    return url;
  throw new TypeError(`Keys are fetched by https:// only, not from ${address}.`);
}
