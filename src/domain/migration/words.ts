import { z } from "zod";

/** Words that several parts of the migration file are made of. */

/** More decisions than this belong into the source pool, not into a workflow's input. */
export const MAX_NAMED_SUBS = 1_000;
const MAX_PER_SECOND = 100_000;

export const perSecond = z.number().positive().max(MAX_PER_SECOND);
export const sub = z.string().min(1).max(128);
export const subs = z.array(sub).min(1).max(MAX_NAMED_SUBS);

export const key = z.string().trim().min(1).max(256);
export const name = z.string().trim().min(1);
export const attribute = z.string().min(1);
export const group = z.string().min(1).max(128);
export const slug = z.string().min(1);
