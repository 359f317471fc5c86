import { type Context, Hono } from "hono";
import type { DoubleEnv } from "../shared/serve.ts";
import { creationError, duplicateError, invalidQuery, notFound, updateError } from "./api-error.ts";
import { checkMetadata, createBody, isEmail, listQuery, parse, updateBody } from "./bodies.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { passwordFrom, replacePassword, splitPassword } from "./password-fields.ts";
import { removeUser } from "./removals.ts";
import { jsonOf, present } from "./requests.ts";
import type { Stores } from "./stores.ts";
import type { UserStore, WorkosUser } from "./user-store.ts";

const USERS = "/user_management/users";

export function userRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const store = stores.users;

  routes.post(USERS, async (context) => {
    const { given, fields } = splitPassword(parse(createBody, await jsonOf(context)));
    const { ip_address, user_agent, signals_id, ...body } = fields;
    context.set("key", body.external_id ?? body.email);
    if (!isEmail(body.email)) throw creationError("invalid_email", "The e-mail address is invalid.");
    checkMetadata(body.metadata ?? {});
    const { duplicateStyle, lookupLagMs } = options();
    if (store.ownerOfEmail(body.email) !== null)
      throw duplicateError("email_not_available", "This email is not available.", duplicateStyle);
    if (store.ownerOfExternalId(body.external_id ?? "") !== null)
      throw duplicateError("external_id_already_used", "This external id is already used.", duplicateStyle);
    const password = passwordFrom(given, options());
    const user = store.create(body, lookupLagMs);
    if (password !== null) stores.passwords.set(user.id, password);
    return context.json(user, 201);
  });

  routes.get(USERS, (context) => {
    const query = parse(listQuery, context.req.query(), invalidQuery);
    if (query.email !== undefined) context.set("key", query.email);
    const list = store.list(query);
    if (list === null) throw invalidQuery("The cursor names no user.");
    return context.json(list);
  });

  routes.get(`${USERS}/external_id/:externalId`, (context) => {
    const externalId = context.req.param("externalId");
    context.set("key", externalId);
    const user = store.findByExternalId(externalId);
    if (user === null) throw notFound("User");
    return context.json(user);
  });

  routes.get(`${USERS}/:id`, (context) => context.json(existing(context, store)));

  routes.put(`${USERS}/:id`, async (context) => {
    const user = existing(context, store);
    const { given, fields: body } = splitPassword(parse(updateBody, await jsonOf(context)));
    const { metadata: changes, ...fields } = body;
    const metadata = changes === undefined ? user.metadata : merged(user.metadata, changes ?? {});
    checkMetadata(metadata);
    if (fields.email !== undefined) checkNewEmail(fields.email, user, store);
    const owner = store.ownerOfExternalId(fields.external_id ?? "");
    if (owner !== null && owner !== user)
      throw updateError("external_id_already_used", "This external id is already used.");
    const password = passwordFrom(given, options());
    const isChanged =
      metadata !== user.metadata || Object.values(fields).some((value) => value !== undefined);
    if (isChanged) store.change(user, { ...present(fields), metadata });
    if (password !== null) replacePassword(stores, user, password, options());
    return context.json(user);
  });

  routes.delete(`${USERS}/:id`, (context) => {
    removeUser(stores, existing(context, store));
    return context.body(null, 200);
  });

  return routes;
}

function existing(context: Context<DoubleEnv>, store: UserStore): WorkosUser {
  const id = context.req.param("id") ?? "";
  context.set("key", id);
  const user = store.users.get(id);
  if (user === undefined) throw notFound(`User '${id}'`);
  return user;
}

function checkNewEmail(email: string, user: WorkosUser, store: UserStore): void {
  if (!isEmail(email)) throw updateError("invalid_email", "The e-mail address is invalid.");
  const owner = store.ownerOfEmail(email);
  if (owner !== null && owner !== user)
    throw updateError("email_not_available", "This email is not available.");
}

function merged(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const entries = Object.entries({ ...before, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}
