import { z } from "zod";

/** Faults that a test asks of a double. Each is used up after `times` matching calls. */

const status = z.number().int().min(200).max(599);

const effectSchema = z.discriminatedUnion("kind", [
  /** Answered instead of the call; the call has no effect. A string body is sent as it is, others as JSON. */
  z.strictObject({
    kind: z.literal("status"),
    status,
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
  }),
  /** The call takes full effect, then this status is answered. */
  z.strictObject({ kind: z.literal("status_after_effect"), status }),
  /** The connection is reset before the call has an effect. */
  z.strictObject({ kind: z.literal("reset") }),
  z.strictObject({ kind: z.literal("reset_after_effect") }),
  /** The call has its effect and its answer, this much later. */
  z.strictObject({ kind: z.literal("delay"), ms: z.number().min(0) }),
  /** As `delay`, until something happens; for doubles in the test's own process. */
  z.strictObject({ kind: z.literal("hold"), until: z.instanceof(Promise) }),
  /** Never answered; the connection stays open and the call has no effect. */
  z.strictObject({ kind: z.literal("hang") }),
]);

export const faultSchema = z.strictObject({
  match: z.strictObject({
    operation: z.string().optional(),
    /** A RegExp source. */
    path: z.string().optional(),
    /** The first calls that match and are let through. */
    after: z.number().int().min(0).default(0),
  }),
  times: z.number().int().positive(),
  effect: effectSchema,
});

export type Fault = z.input<typeof faultSchema>;
export type FaultEffect = z.output<typeof effectSchema>;

export interface Faults {
  /** Added to every call. */
  latencyMs: number;
  add(...faults: Fault[]): void;
  replace(...faults: Fault[]): void;
  clear(): void;
  /** The effect of the first fault that takes this call; null for an undisturbed call. */
  take(call: { operation: string; path: string }): FaultEffect | null;
}

interface ArmedFault {
  operation: string | undefined;
  path: RegExp | null;
  skipLeft: number;
  timesLeft: number;
  effect: FaultEffect;
}

export function createFaults(): Faults {
  let armed: ArmedFault[] = [];
  return {
    latencyMs: 0,
    add(...faults) {
      armed.push(...faults.map(arm));
    },
    replace(...faults) {
      armed = faults.map(arm);
    },
    clear() {
      armed = [];
    },
    take({ operation, path }) {
      for (const fault of armed) {
        if (fault.operation !== undefined && fault.operation !== operation) continue;
        if (fault.path !== null && !fault.path.test(path)) continue;
        if (fault.skipLeft > 0) {
          fault.skipLeft -= 1;
          continue;
        }
        fault.timesLeft -= 1;
        if (fault.timesLeft === 0) armed = armed.filter((other) => other !== fault);
        return fault.effect;
      }
      return null;
    },
  };
}

function arm(fault: Fault): ArmedFault {
  const { match, times, effect } = faultSchema.parse(fault);
  return {
    operation: match.operation,
    path: match.path === undefined ? null : new RegExp(match.path),
    skipLeft: match.after,
    timesLeft: times,
    effect,
  };
}
