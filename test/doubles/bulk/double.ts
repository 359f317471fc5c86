import { type Context, Hono } from "hono";
import { z } from "zod";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, serve } from "../shared/serve.ts";
import { People, type Person, personSchema, type Refused } from "./people.ts";

/** Strict stand-ins of two kinds of destination that take many people a call. */

export interface ManyDouble {
  url: string;
  people: People;
  journal: Journal;
  faults: Faults;
  /** Calls that came while as many as are allowed were in flight. */
  violations: number;
  /** The most imports that were in flight at once. */
  mostInFlight: number;
  close(): Promise<void>;
}

const MAX_LOOKED_UP = 10_000;
export const PEOPLE_PER_PAGE = 500;
const findSchema = z.strictObject({ keys: z.array(z.string()).min(1).max(MAX_LOOKED_UP) });
const importOf = (maxPeople: number) =>
  z.strictObject({ people: z.array(personSchema).min(1).max(maxPeople) });

/** Goes on with a call whose caller has died. */
export const BULK = { itemsPerCall: 10_000, callsInFlight: 1, outlivesCallerMs: 7_000 } as const;
export const PARTIAL = { itemsPerCall: 100, callsInFlight: 4 } as const;

/** Takes all people of a call or none, one call at a time. `names`: a refusal says who is at fault. */
export function startBulk({ names }: { names: boolean }): Promise<ManyDouble> {
  return start(BULK, (people, wanted) => {
    const refused = wanted.flatMap((person) => people.refusalOf(person) ?? []);
    const [first] = refused;
    if (first !== undefined) {
      const { code } = first;
      return { status: 422, body: { code, message: "None was made.", refused: names ? refused : [] } };
    }
    return { status: 200, body: { ids: wanted.map((person) => people.make(person)) } };
  });
}

/** Makes whom it can, and says so for each of a call. One in `troubleEvery` is made without being told. */
export function startPartial({ troubleEvery }: { troubleEvery: number }): Promise<ManyDouble> {
  let made = 0;
  const resultOf = (people: People, person: Person) => {
    const refusal = people.refusalOf(person);
    if (refusal !== null) return { ...refusal, status: "refused" };
    const id = people.make(person);
    made += 1;
    const { key } = person;
    return made % troubleEvery === 0 ? { key, status: "trouble" } : { key, status: "made", id };
  };
  return start(PARTIAL, (people, wanted) => ({
    status: 200,
    body: { results: wanted.map((person) => resultOf(people, person)) },
  }));
}

const OPERATIONS: Readonly<Record<string, string>> = {
  "/people/import": "import",
  "/people/find": "find",
  "/people": "list",
};

interface Reply {
  status: 200 | 422;
  body: { ids: string[] } | { results: object[] } | { code: string; message: string; refused: Refused[] };
}

async function start(
  { itemsPerCall, callsInFlight }: { itemsPerCall: number; callsInFlight: number },
  importAll: (people: People, wanted: readonly Person[]) => Reply,
): Promise<ManyDouble> {
  const [people, journal, faults] = [new People(), createJournal(), createFaults()];
  const app = new Hono<DoubleEnv>();
  const operationOf = (context: Context) => OPERATIONS[context.req.path] ?? "unknown";
  const counted = { violations: 0, mostInFlight: 0 };
  app.use("/people/import", async (context, next) => {
    const open = journal.entries.filter(({ operation, status }) => operation === "import" && status === null);
    if (open.length >= callsInFlight) {
      counted.violations += 1;
      return context.json({ code: "busy", message: "Another call is in flight." }, 409);
    }
    counted.mostInFlight = Math.max(counted.mostInFlight, open.length + 1);
    return next();
  });
  app.use(disturb({ journal, faults, operationOf }));
  app.post("/people/import", async (context) => {
    const body = importOf(itemsPerCall).safeParse(await context.req.json());
    if (!body.success) return context.json({ code: "malformed", message: body.error.message }, 400);
    const wanted = body.data.people;
    if (new Set(wanted.map(({ key }) => key)).size < wanted.length)
      return context.json({ code: "malformed", message: "A key comes twice." }, 400);
    const reply = importAll(people, wanted);
    return context.json(reply.body, reply.status);
  });
  app.post("/people/find", async (context) => {
    const body = findSchema.safeParse(await context.req.json());
    if (!body.success) return context.json({ code: "malformed", message: body.error.message }, 400);
    return context.json({ people: people.find(body.data.keys) });
  });
  app.get("/people", (context) => {
    const from = Number(context.req.query("from") ?? 0);
    const page = people.page(from, PEOPLE_PER_PAGE);
    const next = page.length < PEOPLE_PER_PAGE ? null : String(from + PEOPLE_PER_PAGE);
    return context.json({ people: page, next });
  });
  const server = await serve(app);
  return Object.assign(counted, { url: server.url, people, journal, faults, close: () => server.close() });
}
