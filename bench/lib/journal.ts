import { z } from "zod";
import type { Workos } from "./doubles.ts";

const TOO_MANY_REQUESTS = 429;

const journalSchema = z.array(
  z.object({ operation: z.string(), atMs: z.number(), status: z.number().nullable() }),
);

/** The calls that a double got, in order of arrival; `atMs` is an epoch instant. */
export type Journal = z.output<typeof journalSchema>;

/** Of a WorkOS double that was started with a journal. */
export async function readJournal({ url }: Workos): Promise<Journal> {
  const answer = await fetch(`${url}/__double/journal`);
  return journalSchema.parse(await answer.json());
}

/** When calls of these operations came. */
export function arrivalsOf(journal: Journal, operations: readonly string[]): number[] {
  return journal.filter(({ operation }) => operations.includes(operation)).map(({ atMs }) => atMs);
}

export function countThrottled(journal: Journal): number {
  return journal.filter(({ status }) => status === TOO_MANY_REQUESTS).length;
}

/** Broken calls that were answered; about as many had their socket reset, which a double does not note. */
export function countServerErrors(journal: Journal): number {
  return journal.filter(({ status }) => status !== null && status >= 500).length;
}
