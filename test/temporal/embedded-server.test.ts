import { expect, test } from "vitest";
import { serverEnvironment } from "../../src/temporal/embedded-server.ts";

test("the embedded server sees no key, no database address and no setting of Temporal's tools", () => {
  const plain = { PATH: "/usr/bin", HOME: "/home/operator", TZ: "UTC" };
  const others = {
    WORKOS_API_KEY: "sk_test",
    AWS_SECRET_ACCESS_KEY: "secret",
    SPILLWAY_LEDGER: "postgres://user:password@db/spillway",
    TEMPORAL_ADDRESS: "elsewhere:7233",
    NODE_OPTIONS: "--inspect",
  };
  expect(serverEnvironment({ ...plain, ...others })).toEqual(plain);
});
