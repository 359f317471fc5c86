import { type Ask, readConfiguration } from "../cognito/read-configuration.ts";
import type { UserSource } from "../cognito/source.ts";
import { type MailSink, NO_MAIL_SINK } from "../delivery/mail-sink.ts";
import type { Answer, Destination } from "../destinations/destination.ts";
import { proveAccess } from "../destinations/proven-access.ts";
import type { Migration } from "../domain/migration.ts";
import type { PoolConfiguration } from "../domain/pool.ts";
import type { Proof, SetUp, Workplace } from "../plan/findings/assessment.ts";
import { type CanaryPerson, namedCanary } from "../plan/findings/canary.ts";
import { needsSecret } from "../plan/placement.ts";
import { rolesByName } from "../plan/roles.ts";
import { decidingGroups } from "../plan/selection.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** Whom the set-up is read from. Each `ask…` keeps to its caller's pace, and throws where there is no good answer. */
export interface SetUpSources {
  source: UserSource;
  /** For calls that Cognito counts by account. */
  askPages: Ask;
  /** For calls that it counts by pool. */
  askConfiguration: Ask;
  destination: Destination;
  askDestination: <T>(call: () => Promise<Answer<T>>) => Promise<T>;
  secrets: Pick<SecretStore, "check">;
  /** Null when no SPILLWAY_MAIL is set. */
  mails: Pick<MailSink, "place" | "check"> | null;
  checkLedger: () => Promise<Proof>;
  /** Of these slugs, the roles that a run of the migration made; null where nobody can say. */
  madeRoles: (slugs: readonly string[]) => Promise<ReadonlySet<string> | null>;
  /** Of these people, those whom a campaign has mailed, or may have; null where nobody can say. */
  mailed: (subs: readonly string[]) => Promise<ReadonlySet<string> | null>;
}

/** Proves the access to both sides, and reads what a run will stand on. Changes nothing. */
export async function readSetUp(file: Migration, sources: SetUpSources): Promise<SetUp> {
  const { source, askPages, askConfiguration, destination, askDestination } = sources;
  const shape = await askPages("DescribeUserPool", () => source.describePool());
  // One row is enough to know whether the walk will be allowed.
  await askPages("ListUsers", () => source.listUsers(null, 1));
  const configuration = await readConfiguration(source, askConfiguration);
  await checkGroups(file, configuration, sources);
  await askDestination(() => proveAccess(destination));
  const foreignRoles = await readForeignRoles(file, configuration, sources);
  const canary = await readCanary(file, sources);
  const workplace = await readWorkplace(file, configuration, sources);
  return { shape, configuration, foreignRoles, canary, workplace };
}

/** As Cognito has them now: the plan would tell of them after the whole pool was read. */
async function readCanary(
  { passwordResets }: Migration,
  { source, askPages, mailed }: SetUpSources,
): Promise<CanaryPerson[]> {
  const named = namedCanary(passwordResets);
  const had = named.length === 0 ? null : await mailed(named);
  const people: CanaryPerson[] = [];
  for (const sub of named.filter((one) => had?.has(one) !== true))
    people.push({ sub, user: await askPages("ListUsers", () => source.findUser(sub)) });
  return people;
}

/** None where the destination or the ledger does not say: a group's role is made either way. */
async function readForeignRoles(
  file: Migration,
  { groups }: PoolConfiguration,
  { destination, askDestination, madeRoles }: SetUpSources,
): Promise<string[]> {
  const wanted = rolesByName(file, groups).map(({ slug }) => slug);
  if (wanted.length === 0 || !destination.facts.takes.roles) return [];
  const standing = new Set(await askDestination(async () => noneIfRefused(await destination.roles.list())));
  const known = wanted.filter((slug) => standing.has(slug));
  const made = known.length === 0 ? null : await madeRoles(known);
  return made === null ? [] : known.filter((slug) => !made.has(slug));
}

/** The access was proved before: what is refused now is this list. */
function noneIfRefused(answer: Answer<string[]>): Answer<string[]> {
  const isRefused = !answer.ok && (answer.problem === "refused" || answer.problem === "access_lost");
  return isRefused ? { ok: true, value: [] } : answer;
}

/** A group that the pool does not have is a finding. */
async function checkGroups(
  file: Migration,
  { groups }: PoolConfiguration,
  { source, askPages }: SetUpSources,
): Promise<void> {
  const names = groups.map(({ name }) => name);
  const [group] = decidingGroups(file, groups).filter((name) => names.includes(name));
  if (group !== undefined) await askPages("ListUsersInGroup", () => source.listUsersInGroup(group, null, 1));
}

async function readWorkplace(
  file: Migration,
  { clients }: PoolConfiguration,
  { destination, secrets, mails, checkLedger }: SetUpSources,
): Promise<Workplace> {
  const keepsSecrets = clients.some((client) => needsSecret(file, client, destination));
  return {
    ledger: await checkLedger(),
    secrets: keepsSecrets ? await secrets.check() : null,
    mails: await readMails(file, mails),
  };
}

async function readMails(
  { passwordResets }: Migration,
  mails: SetUpSources["mails"],
): Promise<Workplace["mails"]> {
  if (!passwordResets.send || passwordResets.delivery !== "own") return null;
  if (mails === null) return { place: "", proof: { ok: false, sentence: NO_MAIL_SINK } };
  return { place: mails.place, proof: await mails.check() };
}
