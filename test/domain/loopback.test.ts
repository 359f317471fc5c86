import { expect, test } from "vitest";
import { isLoopback, isPrivate } from "../../src/domain/loopback.ts";

test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])(
  "%s is this machine",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each([
  "0.0.0.0",
  "::",
  "[::]",
  "10.0.0.1",
  "128.0.0.1",
  "localhost.example.com",
  "127.0.0.1.example.com",
  "",
])("%j may be another machine", (host) => {
  expect(isLoopback(host)).toBe(false);
});

test.each([
  ["https://vendor.example", true],
  ["http://127.1/", true],
  ["http://[::1]:8080/", true],
  ["http://vendor.example", false],
  ["http://localhost.vendor.example", false],
  ["http://127.0.0.1@vendor.example", false],
  ["ftp://localhost", false],
  ["javascript:alert(1)", false],
])("whether the way to %s is private: %s", (address, expected) => {
  expect(isPrivate(new URL(address))).toBe(expected);
});
