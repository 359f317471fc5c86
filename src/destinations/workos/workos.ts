import type { WorkosSettings } from "../../settings.ts";
import type { Answer, Destination } from "../destination.ts";
import { type Called, createCalls } from "./calls.ts";
import { createClient } from "./client.ts";
import type { Failure } from "./errors.ts";
import { importUser, READ_KINDS, WRITE_KINDS } from "./import-user.ts";
import { isEmail } from "./limits.ts";
import { mappingProblems, recordProblems } from "./record-problems.ts";

const CALL_TIMEOUT_MS = 10_000;
const CONCURRENCY = 16;

/** WorkOS User Management through its own SDK. Throws when the API's address cannot be used. */
export function createWorkos(settings: WorkosSettings, callTimeoutMs = CALL_TIMEOUT_MS): Destination {
  const calls = createCalls(createClient(settings, callTimeoutMs));
  return {
    kind: "workos",
    environment: settings.clientId,
    // By external id, which is unique in an environment.
    deduplicatesCreate: true,
    concurrency: CONCURRENCY,
    callTimeoutMs,
    importKinds: WRITE_KINDS,
    listKinds: READ_KINDS,
    async checkAccess() {
      const answer = answerOf(await calls.page(null, 1));
      return answer.ok ? { ok: true, value: null } : answer;
    },
    mappingProblems,
    recordProblems,
    refusesEmail: (email) => !isEmail(email),
    importUser: (request, waitForSlot, signal) => importUser(calls, request, waitForSlot, signal),
    listUsers: async (cursor) => answerOf(await calls.page(cursor)),
    findUser: async (externalId) => answerOf(await calls.byExternalId(externalId)),
  };
}

function answerOf<T>(called: Called<T>): Answer<T> {
  return called.ok ? called : problemOf(called.failure);
}

function problemOf(failure: Failure): Answer<never> {
  switch (failure.kind) {
    case "slow_down":
      return { ok: false, problem: "slow_down", retryAfterMs: failure.retryAfterMs };
    case "access_lost":
      return { ok: false, problem: "access_lost", code: failure.code };
    case "rejected":
    case "unknown":
      return { ok: false, problem: "unavailable", code: failure.code };
    default:
      return { ok: false, problem: "unavailable", code: failure.kind };
  }
}
