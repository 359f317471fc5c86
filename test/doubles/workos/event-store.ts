import { ListedStore, type Stamp } from "./listed-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import type { WorkosPasswordReset } from "./password-reset-store.ts";

/** The events that the double appends; it refuses to list others, for they would never come. */
export const EVENT_NAMES = ["password_reset.created", "password_reset.succeeded"] as const;

/** OpenAPI 0.61, `EventSchema`, which has no `updated_at`. */
export interface WorkosEvent extends Stamp {
  object: "event";
  event: (typeof EVENT_NAMES)[number];
  /** A password reset without its token and URL. */
  data: Pick<WorkosPasswordReset, "object" | "id" | "user_id" | "email" | "expires_at" | "created_at">;
}

export type EventStore = ListedStore<WorkosEvent>;

export function createEventStore(): EventStore {
  return new ListedStore({ idPrefix: "event", keyOf: () => null });
}

/** Shown in lists as late as the options say. */
export function appendEvent(
  events: EventStore,
  event: WorkosEvent["event"],
  { object, id, user_id, email, expires_at, created_at }: WorkosPasswordReset,
  { eventsLagMs, laggingEvents }: WorkosDoubleOptions,
): void {
  const data = { object, id, user_id, email, expires_at, created_at };
  const lagMs = laggingEvents.includes(event) ? eventsLagMs : 0;
  events.create({ object: "event", ...events.stamp(), event, data }, lagMs);
}
