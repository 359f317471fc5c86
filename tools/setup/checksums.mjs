import { createHash } from "node:crypto";

/** SHA-256 of what set-up brings, by platform: looked at before any of it runs. A new version needs new ones. */

/** Of the archives, as `checksums.txt` of the release on GitHub has them. */
export const TEMPORAL_ARCHIVES = {
  "darwin-arm64": "dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94",
  "darwin-x64": "489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6",
  "linux-arm64": "83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4",
  "linux-x64": "d8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94",
};

/** Of the program that the package `node` brings. For other platforms npm's own check of its packages has to do. */
export const NODE_PROGRAMS = {
  "linux-arm64": "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
  "linux-x64": "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

export const PLATFORM = `${process.platform}-${process.arch}`;

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
