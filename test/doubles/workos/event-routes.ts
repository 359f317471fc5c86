import { type Context, Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError } from "./api-error.ts";
import { pageFields } from "./bodies.ts";
import { EVENT_NAMES, type EventStore, type WorkosEvent } from "./event-store.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/**
 * The document's query, but for `organization_id`: no event of the double belongs to an organization. `events` must
 * name one at least, and a cursor stands instead of `range_start` (WorkOS docs, "List events").
 */
const listQuery = z
  .strictObject({
    ...pageFields,
    events: z.array(z.enum(EVENT_NAMES)).min(1),
    range_start: instant.optional(),
    range_end: instant.optional(),
  })
  .refine(({ range_start, after }) => range_start === undefined || after === undefined, {
    path: ["range_start"],
    message: "range_start and after are mutually exclusive",
  });

export function eventRoutes(events: EventStore): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();

  routes.get("/events", (context) => {
    const { events: names, range_start, range_end, ...query } = listQueryOf(context);
    const keeps = ({ event, created_at }: WorkosEvent) => {
      const createdAtMs = Date.parse(created_at);
      const isAfterStart = range_start === undefined || createdAtMs > range_start;
      return names.includes(event) && isAfterStart && (range_end === undefined || createdAtMs < range_end);
    };
    const page = events.page(query, { keeps });
    if (page === null) throw invalid(query.before === undefined ? "after" : "before", "It names no event.");
    // The document's `EventList` has no `before`.
    const { after } = page.list_metadata;
    return context.json({ object: page.object, data: page.data.map(answerOf), list_metadata: { after } });
  });

  return routes;
}

/** `events=a,b` as the document and the SDK write it, or `events[]=a&events[]=b` as the docs do. */
function listQueryOf(context: Context<DoubleEnv>): z.output<typeof listQuery> {
  const { events: joined = [], "events[]": listed = [] } = context.req.queries();
  const { events, "events[]": first, ...others } = context.req.query();
  const names = [...joined.flatMap((text) => text.split(",")), ...listed];
  const parsed = listQuery.safeParse({ ...others, events: names });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
  throw invalid(String(field), issue?.message ?? "invalid");
}

const invalid = (field: string, message: string) =>
  new ApiError(422, { message: `${field}: ${message}`, errors: [{ code: "invalid", field }] });

function answerOf({ updated_at, ...event }: WorkosEvent) {
  return event;
}
