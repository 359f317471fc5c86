import { readFileSync } from "node:fs";

/** Linux's USER_HZ, the same on all its machines; proc(5), `/proc/pid/stat`. */
const TICKS_PER_SECOND = 100;
/** `utime` and `stime` are the 14th and 15th field; the second, a name in brackets, is cut off with the first. */
const USER_AT = 11;

/** Milliseconds of CPU that a process has used, with all of its threads; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[USER_AT]) + Number(fields[USER_AT + 1])) / TICKS_PER_SECOND) * 1_000;
  } catch {
    return Number.NaN;
  }
}
