import { afterEach, expect, test, vi } from "vitest";
import { connectTemporal } from "../../src/temporal/connection.ts";
import { readTemporalTarget } from "../../src/temporal/target.ts";
import { freePort } from "../setup/free-port.ts";

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

test("an empty variable of Temporal's counts as not set, as all settings do", () => {
  vi.stubEnv("TEMPORAL_NAMESPACE", "");
  vi.stubEnv("TEMPORAL_API_KEY", "");
  expect(targetAt("")).toMatchObject({
    ok: true,
    value: { address: "localhost:7233", namespace: "default" },
  });
});

test("where no server answers, nobody is led to one that knows no run", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const connected = await connectTemporal({ address, namespace: "default", options: { address } });
  expect(connected).toEqual({
    ok: false,
    sentence: `No Temporal server answers at ${address}; start it, with its database where it has one, or set TEMPORAL_ADDRESS.`,
    isKept: false,
  });
});
