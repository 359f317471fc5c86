import { randomUUID } from "node:crypto";

/** Runs are named after their pool, and test files share a process and Temporal's server: no two pools have one id. */
export function freshPoolId(name: string): string {
  return `eu-west-1_${name}${randomUUID().slice(0, 8)}`;
}
