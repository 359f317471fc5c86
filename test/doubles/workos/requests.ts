import type { Context } from "hono";
import type { DoubleEnv } from "../shared/serve.ts";
import { invalidQuery, invalidRequest, notFound } from "./api-error.ts";
import type { ListedStore, Stamp } from "./listed-store.ts";

export async function jsonOf(context: Context<DoubleEnv>): Promise<unknown> {
  try {
    return await context.req.json();
  } catch {
    throw invalidRequest("The body is not JSON.");
  }
}

/** What an update names; the rest stays. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
export function present<T extends object>(fields: T): Present<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Only undefined values were taken out.
  return Object.fromEntries(entries) as Present<T>;
}

/** What the path's `:id` names; journaled by its name, or by the id of what is not there. */
export function named<T extends Stamp>(context: Context<DoubleEnv>, store: ListedStore<T>, what: string): T {
  const id = context.req.param("id") ?? "";
  context.set("key", id);
  const item = store.byId.get(id);
  if (item === undefined) throw notFound(`${what} '${id}'`);
  context.set("key", store.nameOf(item));
  return item;
}

/** What a body or a query refers to. */
export function referred<T>(found: T | null | undefined, what: string): T {
  if (found === null || found === undefined) throw notFound(what);
  return found;
}

/** A page, unless its cursor named nothing. */
export function pageFor<T>(page: T | null): T {
  if (page === null) throw invalidQuery("The cursor names nothing in this list.");
  return page;
}
