import { input, select } from "@inquirer/prompts";
import { EXIT_STOPPED } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { answerOnly } from "../plan/answers.ts";
import { wrapped } from "../wrap.ts";
import { isPromptLeft } from "./confirm.ts";
import {
  answerName,
  clusterText,
  countText,
  endText,
  fileLines,
  otherAddressText,
  outcomeText,
  READDRESS,
  type Shown,
} from "./decide-text.ts";
import { changeDecisions, type DecisionChanges } from "./edit-migration-file.ts";
import type { MigrationFile } from "./migration-file.ts";
import { type OpenCluster, type OpenDecisions, readClusters, readOtherAddresses } from "./open-decisions.ts";
import { say } from "./say.ts";

/** What is asked about, and of what. */
export interface Asked {
  ledger: Ledger;
  migration: MigrationRow;
  open: OpenDecisions;
  shown: Shown;
}

/** A group of accounts by its key, or somebody by their sub. */
type Topic = { key: string } | { sub: string };

/** What somebody chose: changes of the file's decisions, or where to go on. */
type Chosen = { kind: "changes"; changes: DecisionChanges } | { kind: "other" | "later" | "back" | "stop" };

interface Question {
  text: string;
  message: string;
  choices: Choice[];
  isAnswered: boolean;
  /** Where more people could be named than there are choices. */
  cluster: OpenCluster | null;
}

interface Choice {
  value: Chosen;
  name: string;
  description: string;
}

type File = Pick<MigrationFile, "migration" | "bytes">;

/** Asks about one after the other. Each answer is in the file before the next question: whatever ends this keeps them. */
export async function walk(asked: Asked, path: string, read: MigrationFile): Promise<void> {
  const { clusters, otherAddresses } = asked.open;
  const topics: Topic[] = [...clusters.map((key) => ({ key })), ...otherAddresses.map((sub) => ({ sub }))];
  say(wrapped(countText(asked.open), asked.shown.columns));
  let file: File = read;
  const answered = new Set<number>();
  const passed: number[] = [];
  let chosen: Chosen = { kind: "later" };
  for (let at = 0; at < topics.length && chosen.kind !== "stop"; ) {
    const question = await questionOf(asked, topics[at], file);
    // Whoever goes back wants to see the answer that is there.
    if (question !== null && (!question.isAnswered || chosen.kind === "back")) {
      say(`\n${at + 1} of ${topics.length}\n${question.text}\n`);
      chosen = await ask(question, passed.length > 0);
      if (chosen.kind === "changes") {
        file = await changeDecisions(path, file, chosen.changes);
        answered.add(at);
      }
      if (chosen.kind !== "back") passed.push(at);
    }
    at = chosen.kind === "back" ? (passed.pop() ?? 0) : at + 1;
  }
  say(`\n${endText(path, answered.size, asked.shown)}`);
}

/** Null for whoever is not there any more. */
async function questionOf(
  { ledger, migration, shown }: Asked,
  topic: Topic | undefined,
  { migration: { users } }: File,
): Promise<Question | null> {
  if (topic === undefined) return null;
  if ("sub" in topic) {
    const [person] = await ledger.read((db) => readOtherAddresses(db, migration, [topic.sub], users));
    if (person === undefined) return null;
    const changes = new Map([[topic.sub, "readdress" as const]]);
    return {
      text: otherAddressText(person, shown),
      message: "What becomes of the account?",
      choices: [
        { value: { kind: "changes", changes }, name: READDRESS, description: fileLines(changes, "  ") },
      ],
      isAnswered: person.inFile === "readdress",
      cluster: null,
    };
  }
  const [cluster] = await ledger.read((db) => readClusters(db, migration, [topic.key], users));
  if (cluster === undefined) return null;
  return {
    text: clusterText(cluster, shown),
    message: "Who comes along?",
    choices: choicesOf(cluster, shown),
    isAnswered: cluster.isAnswered,
    cluster: cluster.hasMore ? cluster : null,
  };
}

function choicesOf({ answers, people }: OpenCluster, { columns }: Shown): Choice[] {
  return answers.map((answer) => ({
    value: { kind: "changes", changes: answer.changes },
    name: answerName(answer, people),
    description: [
      wrapped(`${outcomeText(answer, people)}. Into the file:`, columns),
      fileLines(answer.changes, "  ", MAX_LINES),
    ].join("\n"),
  }));
}

/** Of the file, below a choice. */
const MAX_LINES = 8;

const OTHER: Choice = {
  value: { kind: "other" },
  name: "Another one comes along",
  description: "You are asked for the sub.",
};
const BACK: Choice = {
  value: { kind: "back" },
  name: "Back to the one before",
  description: "What was decided stays in the file.",
};
const STOP: Choice = {
  value: { kind: "stop" },
  name: "Stop here",
  description: "What was decided stays in the file.",
};

function later({ isAnswered }: Question): Choice {
  return isAnswered
    ? { value: { kind: "later" }, name: "Leave the file as it is", description: "It has an answer." }
    : {
        value: { kind: "later" },
        name: "Leave for later",
        description: "Everybody stays as they are: nobody is imported, and nothing is changed.",
      };
}

const PAGE_SIZE = 15;

/** Ctrl-C is an answer, too. */
async function ask(question: Question, hasBefore: boolean): Promise<Chosen> {
  const others = question.cluster === null ? [] : [OTHER];
  const choices = [...question.choices, ...others, later(question), ...(hasBefore ? [BACK] : []), STOP];
  try {
    const config = { message: question.message, choices, pageSize: PAGE_SIZE, loop: false };
    const chosen = await select<Chosen>(config);
    return chosen.kind === "other" && question.cluster !== null ? await askForSub(question.cluster) : chosen;
  } catch (error) {
    if (!isPromptLeft(error)) throw error;
    process.exitCode = EXIT_STOPPED;
    return { kind: "stop" };
  }
}

async function askForSub({ decided, policy }: OpenCluster): Promise<Chosen> {
  const sub = await input({
    message: "Whose sub?",
    validate: (text) =>
      answerOnly(text.trim(), decided, policy) !== null ||
      "That is nobody of these who could come along: copy a sub, or press Ctrl-C.",
  });
  return { kind: "changes", changes: answerOnly(sub.trim(), decided, policy)?.changes ?? new Map() };
}
