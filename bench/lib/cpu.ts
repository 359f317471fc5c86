import { readFileSync } from "node:fs";

/** Linux's USER_HZ, the same on all its machines; proc(5), `/proc/pid/stat`. */
const TICKS_PER_SECOND = 100;
/** `utime` and `stime` are the 14th and 15th field; the second, a name in brackets, is cut off with the first. */
const USER_AT = 11;

/** The same of children that have ended: the 16th and 17th. */
const CHILDREN_AT = 13;
/** The fourth. */
const PARENT_AT = 1;

/** Milliseconds of CPU that a process has used, with all of its threads; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  return (ticks(pid, USER_AT) / TICKS_PER_SECOND) * 1_000;
}

/** The same of its children that have ended, and of theirs. */
export function cpuOfEndedMs(pid: number): number {
  return (ticks(pid, CHILDREN_AT) / TICKS_PER_SECOND) * 1_000;
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[PARENT_AT]);
}

/** In user mode, and in the kernel, which is the field after it. */
function ticks(pid: number, at: number): number {
  const fields = statOf(pid);
  return Number(fields[at]) + Number(fields[at + 1]);
}

function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
