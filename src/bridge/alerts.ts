import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { callAlertWebhook } from "../delivery/alert-webhook.ts";
import type { AfterAnswers } from "./after-answers.ts";
import type { Take } from "./limits.ts";

/** Trouble that takes something away from everybody until a person acts. */
export const ALERT_SENTENCES: Readonly<Record<string, string>> = {
  mails_spent:
    "The bridge has sent as many reset mails in a day as SPILLWAY_BRIDGE_MAILS_PER_DAY allows: who forgot their password gets none until the day is over. Look in your application's log for who asks so often, as the bridge's names nobody, or raise the number.",
  reset_daily_quota:
    "The destination sends no more reset mails today: its quota of the environment is spent. Set SPILLWAY_BRIDGE_MAILS_PER_DAY and passwordResets.perDay so that both together are below it.",
};

/** Between three tries: most webhooks that fail are back in a moment. */
const AGAIN_MS: readonly number[] = [1_000, 5_000];

interface Alerting {
  /** 0 for the first bridge that tells of it on a day. */
  take: Take;
  /** Lets the next one tell of it. */
  giveBack: (code: string) => Promise<unknown>;
  webhook: string | null;
  /** Of the user pool, so that whoever reads it knows which bridge it is. */
  userPoolId: string;
  logger: Logger;
  afterAnswers: AfterAnswers;
  onFailure: () => void;
  againMs?: readonly number[];
}

/**
 * Tells operators of such trouble once a day, over all bridges: in the log, and by the alert webhook. Where that does not
 * take it, whoever meets the trouble next tells of it: else a webhook that is down for a while would cost the day's alert.
 */
export function createAlerts(alerting: Alerting) {
  const { take, giveBack, webhook, userPoolId, logger, afterAnswers, onFailure } = alerting;
  return (code: string): void => {
    const sentence = ALERT_SENTENCES[code];
    if (sentence === undefined) return;
    afterAnswers.start(async () => {
      if ((await take(code)) > 0) return;
      logger.error({ code }, sentence);
      if (webhook === null || (await isTaken(webhook, { code, sentence, userPoolId }, alerting.againMs)))
        return;
      onFailure();
      await giveBack(code);
    });
  };
}

async function isTaken(
  webhook: string,
  alert: Readonly<Record<string, unknown>>,
  againMs = AGAIN_MS,
): Promise<boolean> {
  for (const pauseMs of [...againMs, null]) {
    try {
      await callAlertWebhook(webhook, alert);
      return true;
    } catch {
      if (pauseMs !== null) await sleep(pauseMs);
    }
  }
  return false;
}
