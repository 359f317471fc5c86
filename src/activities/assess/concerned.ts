import type { SourceAnswer, SourcePage, SourceUser, UserSource } from "../../cognito/source.ts";
import { PAGE_SIZE } from "../snapshot/page-size.ts";
import { askSource, type SourceResult, type SourceTools } from "../source-calls.ts";
import type { Concerned, Draft } from "./rule-findings.ts";

/** Enough to tell how widespread something is, in a few calls. */
const MAX_PAGES = 10;
const MAX_EXAMPLES = 2;

/** How many users a finding is about, and two of them; of a large pool, among the first ones that Cognito lists. */
export async function tellConcerned(
  tools: SourceTools,
  source: UserSource,
  { concerned, ...finding }: Draft,
): Promise<Omit<Draft, "concerned">> {
  if (concerned === undefined) return finding;
  const { users, isAll } = await usersOf(tools, source, concerned);
  const own = users.filter((user) => isConcerned(user, concerned));
  const subs = [...new Set(own.map(({ sub }) => sub))];
  const count = isAll ? `${subs.length} users` : `${subs.length} of the first ${users.length} users listed`;
  const examples = subs.slice(0, MAX_EXAMPLES).join(", ");
  const told = examples === "" ? count : `${count}, for example ${examples}`;
  return { ...finding, sentence: `${finding.sentence.replace(/\.$/, "")} (it concerns ${told}).` };
}

function isConcerned({ attributes }: SourceUser, concerned: Concerned): boolean {
  if (typeof concerned === "string" || !("attribute" in concerned)) return true;
  return Object.hasOwn(attributes, concerned.attribute) && attributes[concerned.attribute] !== "";
}

async function usersOf(tools: SourceTools, source: UserSource, concerned: Concerned) {
  if (typeof concerned === "string" || "attribute" in concerned)
    return firstPages(tools, "ListUsers", (token) => source.listUsers(token, PAGE_SIZE));
  const users: SourceUser[] = [];
  let isAll = true;
  for (const group of concerned.groups) {
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
): Promise<{ users: SourceUser[]; isAll: boolean }> {
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
