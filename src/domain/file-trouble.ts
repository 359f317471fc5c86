/** The operating system's words for what stands in the way of a file. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "this user has no permission for it, or for a folder on its path",
  EPERM: "the system does not permit it",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist, or a folder on its path does not",
  ENOTDIR: "something on its path is no folder",
  ELOOP: "it is a link that leads nowhere, or may not be followed",
  ENAMETOOLONG: "its name is too long",
  EROFS: "its disk cannot be written",
  ENXIO: "it is no file",
  EEXIST: "something of that name is there already",
  ENOSPC: "its disk is full",
  EDQUOT: "the quota of its disk is used up",
  EIO: "its disk fails",
};

/** Null for what is no error of the operating system. Node's codes are capitals; those with ERR_ are its own. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return null;
  return /^E(?!RR_)[A-Z0-9]+$/.test(error.code) ? error.code : null;
}

/** Why a file cannot be used, after a colon. */
export function fileTrouble(code: string): string {
  return WORDS[code] ?? `the system says ${code}`;
}
