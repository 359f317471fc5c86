import { onTestFinished } from "vitest";
import { startWorkosDouble } from "./double.ts";
import type { GivenOptions } from "./options.ts";

/** A double of one's own, which ends with the test. `calls` lists what arrived, such as "createUser <key> 201". */
export async function startCalled(options: GivenOptions = {}) {
  const double = await startWorkosDouble({ options });
  onTestFinished(() => double.close());
  /** Follows no redirect. */
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${double.url}${path}`, {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${double.key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      location: answer.headers.get("location"),
      body: text === "" ? null : JSON.parse(text),
    };
  };
  const calls = () =>
    double.journal.entries.map(({ operation, key, status }) => `${operation} ${key ?? "-"} ${status}`);
  return { double, call, calls };
}
