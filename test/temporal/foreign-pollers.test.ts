import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { foreignPoller } from "../../src/temporal/foreign-pollers.ts";
import { readIdentity, workerIdentity } from "../../src/temporal/worker-identity.ts";
import { setStage } from "../faults/stage.ts";

const NOW = 1_000_000;
const OTHER = "12@other-host ledger=other workos=client_1";

test("an identity tells process, host, ledger and environments", () => {
  const identity = workerIdentity("a-ledger", { workos: "client_1", elsewhere: null });
  expect(identity).toBe(`${process.pid}@${hostname()} ledger=a-ledger workos=client_1`);
  expect(readIdentity(identity)).toEqual({ process: `${process.pid}@${hostname()}`, ledgerId: "a-ledger" });
  expect(readIdentity("12@other-host")).toBeNull();
});

test.each([
  ["a living worker of another ledger", OTHER, 59_000, true],
  ["a dead one, of which the server still tells", OTHER, 71_000, false],
  ["one of our own ledger", "12@other-host ledger=own", 0, false],
  ["a worker of another program", "12@other-host", 0, false],
])("%s", (_, identity, ageMs, isForeign) => {
  const found = foreignPoller([{ identity, polledAtMs: NOW - ageMs }], "own", NOW);
  expect(found !== null).toBe(isForeign);
});

test("a worker refuses a queue of another ledger's workers, and joins those of its own", async () => {
  const stage = await setStage({ users: 1 });
  const first = stage.startWorker();
  await first.ready();
  const foreign = stage.startWorker({ SPILLWAY_LEDGER: `sqlite:${join(stage.folder, "other.db")}` });
  expect(await foreign.exited()).toBe(2);
  const id = await stage.withLedger(async (ledger) => ledger.id);
  expect(foreign.output()).toContain(`${first.pid}@${hostname()} polls it with ledger ${id}`);
  expect(foreign.output()).toContain("SPILLWAY_TASK_QUEUE");
  const second = stage.startWorker();
  await second.ready();
});
