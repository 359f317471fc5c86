/** What both Spillway and the bare scripts map. */
export const ATTRIBUTES = { "custom:plan": "plan" };
