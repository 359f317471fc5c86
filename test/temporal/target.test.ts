import { afterEach, expect, test, vi } from "vitest";
import { readTemporalTarget } from "../../src/temporal/connection.ts";

afterEach(() => void vi.unstubAllEnvs());

function targetAt(address: string) {
  vi.stubEnv("TEMPORAL_ADDRESS", address);
  return readTemporalTarget();
}

test.each([
  "garbage",
  ":7233",
  "localhost:",
  "localhost:99999",
  "localhost:0",
  "localhost:7233/x",
  "a b:7233",
  "::1:7233",
])("a Temporal address that is none, %s, is one sentence", (address) => {
  expect(targetAt(address)).toEqual({
    ok: false,
    sentence:
      "Temporal's address must be host:port, for example localhost:7233; check TEMPORAL_ADDRESS and the profile file.",
  });
});

test.each(["localhost:7233", "127.0.0.1:1", "[::1]:7233", "a_b.c-1.example.com:65535"])(
  "a Temporal address is read: %s",
  (address) => {
    expect(targetAt(address)).toMatchObject({ ok: true, value: { address } });
  },
);
