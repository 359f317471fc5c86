import type { PoolUser } from "../doubles/pool/pool.ts";
import type { Stage } from "./stage.ts";
import type { StageBridge } from "./stage-bridge.ts";

const TABS = 2;

/** People who sign in one after the other while mails go out. */
export class Crowd {
  readonly #people: PoolUser[];
  readonly #ended: Promise<unknown>;
  #goesHome = false;
  /** Nobody tries while there is none. */
  bridge: Promise<StageBridge>;
  movedOver: PoolUser[] = [];
  /** Who never heard how it ended. */
  left: PoolUser[] = [];

  constructor(people: readonly PoolUser[], bridge: Promise<StageBridge>) {
    this.#people = [...people];
    this.bridge = bridge;
    this.#ended = Promise.all(Array.from({ length: TABS }, () => this.#signIn()));
  }

  async goHome(): Promise<void> {
    this.#goesHome = true;
    await this.#ended;
  }

  async #signIn(): Promise<void> {
    for (;;) {
      const person = this.#goesHome ? undefined : this.#people.shift();
      if (person === undefined) return;
      const status = await (await this.bridge).signIn(person);
      if (status === 200) this.movedOver.push(person);
      else this.left.push(person);
    }
  }
}

/** Whoever has a password of their own, and an address that is nobody else's. */
export function whoCanSignIn(users: readonly PoolUser[]): PoolUser[] {
  const addressOf = ({ attributes }: PoolUser) => (attributes.email ?? "").trim().toLowerCase();
  const times = new Map<string, number>();
  for (const user of users) times.set(addressOf(user), (times.get(addressOf(user)) ?? 0) + 1);
  return users.filter(
    (user) =>
      user.password !== undefined &&
      user.enabled &&
      user.challenge === undefined &&
      user.attributes.email_verified === "true" &&
      times.get(addressOf(user)) === 1,
  );
}

/** Mails that went out to people whose password was at the destination by then. */
export function mailedAfterMove({ workos }: Stage): string[] {
  const setAtMs = new Map<string, number>();
  for (const { operation, path, endedAtMs } of workos.journal.entries)
    if (operation === "updateUser") setAtMs.set(path.split("/").at(-1) ?? "", endedAtMs ?? 0);
  const idOf = new Map([...workos.users.values()].map(({ email, id }) => [email, id]));
  return workos.journal.entries
    .filter(({ operation }) => operation === "createPasswordReset")
    .filter(({ key = "", atMs }) => atMs > (setAtMs.get(idOf.get(key) ?? "") ?? Number.POSITIVE_INFINITY))
    .map(({ key = "" }) => key);
}

export function mailsSent({ workos }: Stage): number {
  return Object.values(workos.state().resetMails).reduce((sum, times) => sum + times, 0);
}
