import type { WorkosSettings } from "../../settings.ts";
import type { Destination } from "../destination.ts";
import { answerOf } from "./answers.ts";
import { createCalls } from "./calls.ts";
import { createClient } from "./client.ts";
import { createCredentials } from "./credentials.ts";
import { importUser } from "./import-user.ts";
import { isEmail } from "./limits.ts";
import { mappingProblems, recordProblems } from "./record-problems.ts";
import { createResets } from "./resets.ts";
import { READ_KINDS, WRITE_KINDS } from "./settle.ts";
import { createStructure } from "./structure.ts";

const CALL_TIMEOUT_MS = 10_000;
const CONCURRENCY = 16;

/** WorkOS through its own SDK. Throws when the API's address cannot be used. */
export function createWorkos(settings: WorkosSettings, callTimeoutMs = CALL_TIMEOUT_MS): Destination {
  const client = createClient(settings, callTimeoutMs);
  const calls = createCalls(client);
  const { apiUrl, clientId } = settings;
  return {
    kind: "workos",
    environment: clientId,
    // By external id, which is unique in an environment.
    deduplicatesCreate: true,
    concurrency: CONCURRENCY,
    callTimeoutMs,
    writeKinds: WRITE_KINDS,
    readKinds: READ_KINDS,
    structure: createStructure(client),
    resets: createResets(client),
    credentials: createCredentials(client, { apiUrl, clientId, callTimeoutMs }),
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
