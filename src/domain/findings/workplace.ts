import { kind } from "./kind.ts";

/** What a worker itself stands on. Stores, mail sinks and ledgers say in one sentence what is wrong and what to do. */
export const WORKPLACE_FINDINGS = {
  ledger_unusable: kind<{ sentence: string }>({
    severity: "blocker",
    subject: () => "SPILLWAY_LEDGER",
    what: ({ sentence }) => sentence,
    advice: null,
    outsideFile: true,
  }),
  secret_store: kind<{ sentence: string }>({
    severity: "blocker",
    subject: () => "SPILLWAY_SECRETS",
    what: ({ sentence }) => sentence,
    advice: null,
    outsideFile: true,
  }),
  mail_sink: kind<{ sentence: string }>({
    severity: "blocker",
    subject: () => "SPILLWAY_MAIL",
    what: ({ sentence }) => sentence,
    advice: null,
    outsideFile: true,
  }),
  own_mails: kind<{ place: string }>({
    severity: "warning",
    subject: () => "delivery",
    what: ({ place }) => `Reset mails go out through ${place}.`,
    advice:
      "Turn off the destination's own password reset mails in its dashboard first, or everybody gets two.",
  }),
};

/** What `check` alone sees, from where it is run. */
export const CHECK_FINDINGS = {
  live_key: kind<null>({
    severity: "warning",
    subject: () => "key",
    what: () => "The destination's key is a live key: this is the production environment.",
    advice: "Rehearse in a staging environment first.",
  }),
  temporal_unreachable: kind<{ address: string }>({
    severity: "warning",
    subject: ({ address }) => address,
    what: ({ address }) => `No Temporal server answers at ${address}.`,
    advice: "Start one, or let `./spillway migrate` bring its own.",
  }),
  search_attributes_missing: kind<{ command: string }>({
    severity: "warning",
    subject: () => "search attributes",
    what: () => "Temporal lacks search attributes, so its list of runs shows no progress.",
    advice: ({ command }) => `Register them with \`${command}\`.`,
  }),
};
