import type { Socket } from "node:net";
import type { SMTPServerSession } from "smtp-server";

/** `data` is while the message comes in, `message` is after its last line. */
export type SmtpStep = "connect" | "login" | "sender" | "recipient" | "data" | "message";

export type SmtpFault = { at: SmtpStep } & (
  | { kind: "reply"; status: number; text: string }
  | { kind: "drop" }
  | { kind: "hang" }
);

/** Where each session is, and what happens to it there. */
export interface Steps {
  /** In every session from then on. */
  fault: SmtpFault | null;
  /** By the client's port. */
  sockets: Map<number, Socket>;
  /** Rejects for a refusal; a step that hangs, or whose connection is dropped, never ends. */
  pass(step: SmtpStep, session: SMTPServerSession): Promise<void>;
  /** Resolves when a session gets to the step. */
  reached(step: SmtpStep): Promise<void>;
}

export function createSteps(): Steps {
  let waiting: { step: SmtpStep; done: () => void }[] = [];
  return {
    fault: null,
    sockets: new Map(),
    async pass(step, session) {
      for (const one of waiting) if (one.step === step) one.done();
      waiting = waiting.filter((one) => one.step !== step);
      const { fault } = this;
      if (fault?.at !== step) return;
      if (fault.kind === "reply") throw Object.assign(new Error(fault.text), { responseCode: fault.status });
      if (fault.kind === "drop") this.sockets.get(session.remotePort)?.resetAndDestroy();
      return new Promise<never>(() => {});
    },
    reached(step) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ step, done: resolve });
      return promise;
    },
  };
}
