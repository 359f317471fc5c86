import { PAGE_SIZE, type SourceAnswer, type SourcePage, type UserSource } from "../../cognito/source.ts";
import type { Concerned } from "../../domain/findings/kind.ts";
import { concerning, type Draft } from "../../domain/findings.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { askSource, type SourceResult, type SourceTools } from "../../engine/ask-source.ts";

/** Enough to tell how widespread something is, in a few calls. */
const MAX_PAGES = 10;
const MAX_EXAMPLES = 2;
/** Nobody waits while the members of hundreds of groups are counted, to be told of each. */
const MAX_GROUPS = 10;

interface Found {
  users: SourceUser[];
  isAll: boolean;
}

/** How many users each finding is about, and two of them; of a large pool, among the first ones that Cognito lists. */
export async function tellConcerned(
  tools: SourceTools,
  source: UserSource,
  drafts: readonly Draft[],
): Promise<Draft[]> {
  const told: Draft[] = [];
  let everyone: Found | null = null;
  let groupsLeft = MAX_GROUPS;
  for (const draft of drafts) {
    const { concerned } = draft;
    if (concerned === null) told.push(draft);
    else if ("groups" in concerned) {
      groupsLeft -= concerned.groups.length;
      const { groups } = concerned;
      told.push(groupsLeft < 0 ? draft : tell(draft, concerned, await membersOf(tools, source, groups)));
    } else {
      everyone ??= await firstPages(tools, "ListUsers", (token) => source.listUsers(token, PAGE_SIZE));
      told.push(tell(draft, concerned, everyone));
    }
  }
  return told;
}

function tell(draft: Draft, concerned: Concerned, { users, isAll }: Found): Draft {
  const own = users.filter((user) => isConcerned(user, concerned));
  const subs = [...new Set(own.map(({ sub }) => sub))];
  const count = isAll ? `${subs.length} users` : `${subs.length} of the first ${users.length} users listed`;
  const examples = subs.slice(0, MAX_EXAMPLES).join(", ");
  return concerning(draft, examples === "" ? count : `${count}, for example ${examples}`);
}

function isConcerned({ attributes }: SourceUser, concerned: Concerned): boolean {
  if ("groups" in concerned) return true;
  return Object.hasOwn(attributes, concerned.attribute) && attributes[concerned.attribute] !== "";
}

async function membersOf(tools: SourceTools, source: UserSource, groups: readonly string[]): Promise<Found> {
  const users: SourceUser[] = [];
  let isAll = true;
  for (const group of groups) {
    const list = (token: string | null) => source.listUsersInGroup(group, token, PAGE_SIZE);
    const found = await firstPages(tools, "ListUsersInGroup", list);
    users.push(...found.users);
    isAll &&= found.isAll;
  }
  return { users, isAll };
}

async function firstPages(
  tools: SourceTools,
  operation: string,
  list: (token: string | null) => Promise<SourceAnswer<SourcePage>>,
): Promise<Found> {
  const users: SourceUser[] = [];
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const from: string | null = token;
    const answer: SourceResult<SourcePage> = await askSource(tools, operation, () => list(from));
    // The finding stands without its examples.
    if (answer.status !== "answered") break;
    users.push(...answer.value.users);
    token = answer.value.nextToken;
    if (token === null) return { users, isAll: true };
  }
  return { users, isAll: false };
}
