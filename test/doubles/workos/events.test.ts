import { WorkOS } from "@workos-inc/node";
import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const RESETS = "/user_management/password_reset";
const CREATED = "events=password_reset.created&order=asc";

/** One reset that is created and completed for each of `people`, in order. */
async function startWithResets(people: number, options: GivenOptions = {}) {
  const started = await startCalled({ unlimited: true, ...options });
  const { double, call } = started;
  const emails = Array.from({ length: people }, (_, n) => `p${n}@example.com`);
  double.seed(emails.map((email) => ({ email })));
  const resets = [];
  for (const email of emails) resets.push((await call("POST", RESETS, { email })).body);
  for (const { password_reset_token: token } of resets)
    await call("POST", `${RESETS}/confirm`, { token, new_password: "correct horse" });
  const list = async (query: string) => {
    const { status, body } = await call("GET", `/events?${query}`);
    return { status, body, emails: body.data?.map(({ data }: { data: { email: string } }) => data.email) };
  };
  return { ...started, resets, list };
}

test("tells of a reset without its token and URL", async () => {
  const { list, resets } = await startWithResets(1);
  const { password_reset_token, password_reset_url, ...data } = resets[0];
  const event = {
    object: "event",
    id: expect.stringMatching(/^event_/),
    data,
    created_at: expect.any(String),
  };
  expect((await list("events=password_reset.created,password_reset.succeeded&order=asc")).body.data).toEqual([
    { ...event, event: "password_reset.created" },
    { ...event, event: "password_reset.succeeded" },
  ]);
});

test.each([
  "events=password_reset.created,password_reset.succeeded",
  "events=password_reset.created%2Cpassword_reset.succeeded",
  "events[]=password_reset.created&events[]=password_reset.succeeded",
  "events%5B%5D=password_reset.created&events%5B%5D=password_reset.succeeded",
])("takes the names as %s", async (query) => {
  const { list } = await startWithResets(2);
  expect((await list(query)).body.data).toHaveLength(4);
});

test("takes what WorkOS's own SDK sends", async () => {
  const { double } = await startWithResets(2);
  const workos = new WorkOS(double.key, { apiHostname: "127.0.0.1", port: double.port, https: false });
  const { data } = await workos.events.listEvents({
    events: ["password_reset.created", "password_reset.succeeded"],
    rangeStart: new Date(0).toISOString(),
    order: "asc",
  });
  expect(data.map(({ event }) => event)).toEqual([
    "password_reset.created",
    "password_reset.created",
    "password_reset.succeeded",
    "password_reset.succeeded",
  ]);
});

test("lists one kind only, page by page", async () => {
  const { list } = await startWithResets(3);
  const first = await list(`${CREATED}&limit=2`);
  const { after } = first.body.list_metadata;
  const second = await list(`${CREATED}&limit=2&after=${after}`);
  expect([first.emails, second.emails]).toEqual([["p0@example.com", "p1@example.com"], ["p2@example.com"]]);
  expect(second.body.list_metadata.after).toBe(null);
});

test("lists what lies inside of a range", async () => {
  const { list, double } = await startWithResets(1);
  const [event] = double.stores.events.all();
  const atMs = Date.parse(event?.created_at ?? "");
  const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  const inRange = async (fromMs: number, toMs: number) =>
    (await list(`${CREATED}&range_start=${iso(fromMs)}&range_end=${iso(toMs)}`)).body.data.length;
  expect(await inRange(atMs - 1, atMs + 1)).toBe(1);
  expect(await inRange(atMs - 10, atMs)).toBe(0);
  expect(await inRange(atMs, atMs + 10)).toBe(0);
});

test("an event that lags is not shown, and its mail counts all the same", async () => {
  const { list, double } = await startWithResets(1, { eventsLagMs: 60_000 });
  expect((await list(CREATED)).emails).toEqual([]);
  expect(Object.values(double.state().resetMails)).toEqual([1]);
});

test("an event may be shown after newer ones, and stands before them then", async () => {
  const { list, double, call, resets } = await startWithResets(1, {
    eventsLagMs: 60_000,
    laggingEvents: ["password_reset.succeeded"],
  });
  double.setOptions({ eventsLagMs: 0 });
  await call("POST", RESETS, { email: resets[0].email });
  const kinds = async () => {
    const { body } = await list("events=password_reset.created,password_reset.succeeded&order=asc");
    return body.data.map(({ event }: { event: string }) => event);
  };
  expect(await kinds()).toEqual(["password_reset.created", "password_reset.created"]);
  double.stores.events.showAll();
  expect(await kinds()).toEqual([
    "password_reset.created",
    "password_reset.succeeded",
    "password_reset.created",
  ]);
});

test("an operator's password is told by no event of resets, and by the user's record alone", async () => {
  const { double, list } = await startWithResets(0);
  const createdAt = "2026-01-01T00:00:00.000Z";
  const [user] = double.seed([{ email: "ada@example.com", created_at: createdAt }]);
  double.setOptions({ passwordsMoveUpdatedAt: false });
  double.replacePassword(user?.id ?? "", "correct horse");
  expect([double.passwordIs(user?.id ?? "", "correct horse"), user?.updated_at]).toEqual([true, createdAt]);
  double.setOptions({ passwordsMoveUpdatedAt: true });
  double.replacePassword(user?.id ?? "", "battery staple");
  expect(user?.updated_at).not.toBe(createdAt);
  expect((await list("events=password_reset.created,password_reset.succeeded")).body.data).toEqual([]);
});

test.each([
  { query: "", field: "events" },
  { query: "events=", field: "events" },
  { query: "events=user.created", field: "events" },
  { query: `${CREATED}&limit=101`, field: "limit" },
  { query: `${CREATED}&user_id=user_1`, field: "user_id" },
  { query: `${CREATED}&range_start=yesterday`, field: "range_start" },
  { query: `${CREATED}&range_start=2026-06-01T00:00:00Z&after=event_1`, field: "range_start" },
  { query: `${CREATED}&after=event_none`, field: "after" },
])("refuses the query '$query'", async ({ query, field }) => {
  const { list } = await startWithResets(0);
  expect(await list(query)).toMatchObject({ status: 422, body: { errors: [{ field }] } });
});
