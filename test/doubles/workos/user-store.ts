import { createIds } from "./ids.ts";
import { type Page, type PageQuery, pageOf, Sequence } from "./sequence.ts";

/** OpenAPI 0.61, `UserlandUser`. */
export interface WorkosUser {
  object: "user";
  id: string;
  email: string;
  email_verified: boolean;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  profile_picture_url: string | null;
  last_sign_in_at: string | null;
  locale: string | null;
  external_id: string | null;
  metadata: Record<string, string>;
  created_at: string;
  updated_at: string;
}

/** What a caller decides about a user; the store adds the rest. */
export type NewUser = { email: string } & {
  [K in Exclude<keyof WorkosUser, "object" | "id" | "email">]?: WorkosUser[K] | null | undefined;
};

export interface ListQuery extends PageQuery {
  email?: string | undefined;
}

/** Users by id, address, external id and order of creation; every question takes one step, however many there are. */
export class UserStore {
  readonly users = new Map<string, WorkosUser>();
  /** Creations over the API, also of users deleted since. */
  readonly createdByExternalId = new Map<string, number>();
  readonly #byEmail = new Map<string, WorkosUser>();
  readonly #byExternalId = new Map<string, WorkosUser>();
  readonly #order = new Sequence<WorkosUser>();
  readonly #hiddenUntilMs = new Map<string, number>();
  readonly #nextId = createIds("user");

  /** Throws for an address or external id in use. */
  seed(fields: NewUser): WorkosUser {
    if (this.ownerOfEmail(fields.email) !== null || this.ownerOfExternalId(fields.external_id ?? "") !== null)
      throw new Error("The address or the external id is in use.");
    const now = new Date().toISOString();
    const user: WorkosUser = {
      object: "user",
      id: this.#nextId(),
      email: fields.email,
      email_verified: fields.email_verified ?? false,
      first_name: fields.first_name ?? null,
      last_name: fields.last_name ?? null,
      name: fields.name ?? null,
      profile_picture_url: fields.profile_picture_url ?? null,
      last_sign_in_at: fields.last_sign_in_at ?? null,
      locale: fields.locale ?? null,
      external_id: fields.external_id ?? null,
      metadata: fields.metadata ?? {},
      created_at: fields.created_at ?? now,
      updated_at: fields.updated_at ?? fields.created_at ?? now,
    };
    this.users.set(user.id, user);
    this.#index(user);
    this.#order.push(user);
    return user;
  }

  /** Over the API: hidden from look-ups for a while, and counted. */
  create(fields: NewUser, hiddenForMs: number): WorkosUser {
    const user = this.seed(fields);
    if (hiddenForMs > 0) this.#hiddenUntilMs.set(user.id, Date.now() + hiddenForMs);
    if (user.external_id !== null) {
      const before = this.createdByExternalId.get(user.external_id) ?? 0;
      this.createdByExternalId.set(user.external_id, before + 1);
    }
    return user;
  }

  /** Moves `updated_at` to now, unless the fields keep it. */
  change(user: WorkosUser, fields: Partial<Omit<WorkosUser, "object" | "id">>): void {
    this.#unindex(user);
    Object.assign(user, { updated_at: new Date().toISOString() }, fields);
    this.#index(user);
  }

  remove(user: WorkosUser): void {
    this.#unindex(user);
    this.users.delete(user.id);
    this.#order.remove(user);
  }

  /** Whoever holds the address, visible or not. */
  ownerOfEmail(email: string): WorkosUser | null {
    return this.#byEmail.get(email.toLowerCase()) ?? null;
  }

  /** Whoever holds the external id, visible or not. */
  ownerOfExternalId(externalId: string): WorkosUser | null {
    return this.#byExternalId.get(externalId) ?? null;
  }

  findByExternalId(externalId: string): WorkosUser | null {
    return this.#visible(this.ownerOfExternalId(externalId));
  }

  /** Null for a cursor that names nobody. */
  list({ email, ...query }: ListQuery): Page<WorkosUser> | null {
    if (email !== undefined) return pageOf(this.#only(this.ownerOfEmail(email)), null, null);
    return this.#order.page(query, (user) => this.#visible(user) !== null);
  }

  #only(user: WorkosUser | null): WorkosUser[] {
    const visible = this.#visible(user);
    return visible === null ? [] : [visible];
  }

  #visible(user: WorkosUser | null): WorkosUser | null {
    if (user === null) return null;
    const hiddenUntilMs = this.#hiddenUntilMs.get(user.id);
    if (hiddenUntilMs === undefined) return user;
    if (hiddenUntilMs > Date.now()) return null;
    this.#hiddenUntilMs.delete(user.id);
    return user;
  }

  #index(user: WorkosUser): void {
    this.#byEmail.set(user.email.toLowerCase(), user);
    if (user.external_id !== null) this.#byExternalId.set(user.external_id, user);
  }

  #unindex(user: WorkosUser): void {
    this.#byEmail.delete(user.email.toLowerCase());
    if (user.external_id !== null) this.#byExternalId.delete(user.external_id);
  }
}
