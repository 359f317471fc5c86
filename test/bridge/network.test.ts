import fc from "fast-check";
import { expect, test } from "vitest";
import { clientFields } from "../../src/bridge/body.ts";
import { networksOf } from "../../src/bridge/network.ts";

/** As the routes read it. */
const networksGiven = (text: string) => networksOf(clientFields.ip_address.parse(text) ?? "");

test.each([
  "2001:db8:0:7::1",
  "2001:DB8:0:7::1",
  "2001:0db8:0000:0007:0000:0000:0000:0001",
  "2001:db8:0:7:0:0:0:1",
  "2001:db8:0:7:0::1",
  "2001:db8:0:7::0.0.0.1",
  "2001:db8:0:7:ffff:ffff:ffff:ffff",
])("%s is of the network 2001:db8:0:7::/64, and of those around it", (text) => {
  expect(networksGiven(text)).toEqual(["2001:db8:0:7/64", "2001:db8:0:0/56", "2001:db8:0/48"]);
});

test.each([
  "203.0.113.9",
  "::ffff:203.0.113.9",
  "::FFFF:203.0.113.9",
  "::ffff:cb00:7109",
  "0:0:0:0:0:FFFF:CB00:7109",
  "0000:0000:0000:0000:0000:ffff:cb00:7109",
  "::203.0.113.9",
  "::ffff:0:203.0.113.9",
  "64:ff9b::203.0.113.9",
  "0064:FF9B::CB00:7109",
  "64:ff9b:1::203.0.113.9",
  "64:ff9b:1:fffe::203.0.113.9",
  "64:ff9b:1:cb00:71:900::",
  "2002:cb00:7109::1",
  "2002:CB00:7109:5::1",
])("%s is the IPv4 address 203.0.113.9", (text) => {
  expect(networksGiven(text)).toEqual(["203.0.113.9"]);
});

test("a home's network holds 256 of machines, an organization's 65,536", () => {
  const [machine, home, organization] = networksGiven("2001:db8:1:a7ff::1");
  expect(networksGiven("2001:db8:1:a700::1")).toEqual(["2001:db8:1:a700/64", home, organization]);
  expect(networksGiven("2001:db8:1:a800::1").slice(1)).toEqual(["2001:db8:1:a8/56", organization]);
  expect(networksGiven("2001:db8:2:a7ff::1")).not.toContain(organization);
  expect(machine).toBe("2001:db8:1:a7ff/64");
});

test("the zone of a link-local address is of the machine that saw it", () => {
  expect(networksGiven("fe80::1%eth0")).toEqual(networksGiven("FE80::2%en5"));
  for (const text of ["203.0.113.9%eth0", "fe80::1%", "fe80::1%a b", "%eth0", ":%eth0"])
    expect(clientFields.ip_address.safeParse(text).success, text).toBe(false);
});

test("an address counts alike in whatever way it is written, and apart from those of other networks", () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, fc.boolean(), (address, isCapital) => {
      const short = address.map((one) => one.toString(16)).join(":");
      const long = address.map((one) => one.toString(16).padStart(4, "0")).join(":");
      const other = [...address.slice(0, 4), 1, 2, 3, 4].map((one) => one.toString(16)).join(":");
      const networks = networksGiven(short);
      expect(networksGiven(isCapital ? long.toUpperCase() : long)).toEqual(networks);
      if (networks.length > 1) expect(networksGiven(other)).toEqual(networks);
    }),
  );
});

test.each(["%", ":", ":%a", "%a:"])("a long text of %j for an address is refused in no time", (part) => {
  // With a pattern that takes the square of it, this would be minutes.
  expect(clientFields.ip_address.safeParse(part.repeat(300_000)).success).toBe(false);
});
