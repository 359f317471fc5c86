import { readFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 250;

export interface MemorySample {
  atMs: number;
  residentBytes: number;
}

/** Watches the resident memory of another process until it is disposed. Linux only: elsewhere there are no samples. */
export class MemoryWatch implements Disposable {
  readonly samples: MemorySample[] = [];
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** The most the process ever held, by the kernel's own count; null where it keeps none. */
  peakBytes(): number | null {
    return readStatus(this.#pid, "VmHWM");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const residentBytes = readStatus(this.#pid, "VmRSS");
    if (residentBytes !== null) this.samples.push({ atMs: Date.now(), residentBytes });
  }
}

/** A line of /proc/<pid>/status, which is in kB whatever the page size is. */
function readStatus(pid: number, name: string): number | null {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(
      readFileSync(`/proc/${pid}/status`, "utf8"),
    );
    return kilobytes?.[1] === undefined ? null : Number(kilobytes[1]) * 1_024;
  } catch {
    return null;
  }
}
