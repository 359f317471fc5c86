import { expect, test } from "vitest";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { LONG_AGO, setUp, type Tries } from "./workos-setup.ts";

const URI = "https://app.example.com/callback";

async function setUpRedirectUris() {
  const setup = await setUp();
  const { redirectUris } = setup.double.stores;
  const send = (fields: Partial<Tries> = {}, uri = URI) =>
    setup.send(setup.workos.redirectUris, { uri }, fields);
  const seed = (uri = URI) =>
    redirectUris.add({
      object: "redirect_uri",
      ...redirectUris.stamp(),
      created_at: LONG_AGO,
      uri,
      default: false,
    });
  const uris = () => setup.double.state().redirectUris.map(({ uri }) => uri);
  return { ...setup, send, seed, uris };
}

const on = (operation: string, effect: FaultEffect, after = 0) => ({
  match: { operation, after },
  times: 1,
  effect,
});

test("adds a redirect URI that is not there", async () => {
  const { double, send, calls, verbs } = await setUpRedirectUris();
  const outcome = await send();
  expect(outcome).toEqual({ kind: "created", destinationId: double.state().redirectUris[0]?.id });
  expect(calls()).toEqual(["listRedirectUris 200", "createRedirectUri 201"]);
  expect(verbs).toEqual(["read", "write"]);
});

test("one on the last page is already there", async () => {
  const { send, seed, calls, verbs } = await setUpRedirectUris();
  for (let at = 0; at < 100; at += 1) seed(`https://app.example.com/${at}`);
  const { id } = seed();
  expect(await send()).toEqual({ kind: "already_there", destinationId: id });
  expect(calls()).toEqual(["listRedirectUris 200", "listRedirectUris 200"]);
  expect(verbs).toEqual(["read", "read"]);
});

test("another spelling is another redirect URI", async () => {
  const { send, seed, uris } = await setUpRedirectUris();
  seed(`${URI}/`);
  expect(await send()).toMatchObject({ kind: "created" });
  expect(uris()).toEqual([`${URI}/`, URI]);
});

test("one of an earlier try counts as created", async () => {
  const { send } = await setUpRedirectUris();
  const first = await send();
  expect(await send({ inDoubt: true })).toEqual(first);
  expect(await send()).toEqual({ ...first, kind: "already_there" });
});

test.each<FaultEffect>([{ kind: "status_after_effect", status: 500 }, { kind: "reset_after_effect" }])(
  "a redirect URI without an answer is found: $kind",
  async (effect) => {
    const { double, send, uris, verbs } = await setUpRedirectUris();
    double.faults.add(on("createRedirectUri", effect));
    expect(await send()).toMatchObject({ kind: "created" });
    expect(uris()).toEqual([URI]);
    expect(verbs).toEqual(["read", "write", "read"]);
  },
);

test("one that the first list did not show is there", async () => {
  const { double, send, seed } = await setUpRedirectUris();
  const { id } = seed();
  const nothing = { object: "list", data: [], list_metadata: { before: null, after: null } };
  double.faults.add(on("listRedirectUris", { kind: "status", status: 200, body: nothing }));
  expect(await send()).toEqual({ kind: "already_there", destinationId: id });
});

test("a redirect URI that WorkOS does not take is refused", async () => {
  const { send } = await setUpRedirectUris();
  expect(await send({}, "http://app.example.com/callback")).toMatchObject({
    kind: "rejected",
    code: "http_422",
  });
});

test("throttling has no effect", async () => {
  const { double, send } = await setUpRedirectUris();
  const slow = { kind: "status", status: 429, headers: { "retry-after": "7" }, body: {} } as const;
  double.faults.add(on("listRedirectUris", slow));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  double.faults.add(on("createRedirectUri", slow));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
});

test("throttling after an unclear create keeps the doubt", async () => {
  const { double, send } = await setUpRedirectUris();
  const headers = { "retry-after": "4" };
  double.faults.add(on("createRedirectUri", { kind: "reset_after_effect" }));
  double.faults.add(on("listRedirectUris", { kind: "status", status: 429, headers, body: {} }, 1));
  expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer", retryAfterMs: 4_000 });
});
