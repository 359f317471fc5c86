import { ANSWERS, OUTAGES, REFUSED_CALLS, TROUBLES, UNPROVEN } from "./bridge.ts";
import { FAILURES, REFUSED_ACCESS, UNCLEAR } from "./failures.ts";
import { FINDING_CODES } from "./findings.ts";
import { MAIL_OUTCOMES, NO_MAIL_REASONS } from "./mails.ts";
import type { Codes } from "./meaning.ts";
import { PROVIDERS } from "./providers.ts";
import { CLIENT_OUTCOMES, DIFFERENCES, LEFT_BEHIND, MEMBERSHIPS, RESULTS, UNDO } from "./report.ts";
import { ACTIVITIES, FAILED_RUNS, PARKS, WAITS } from "./runs.ts";
import { HOW, OUTCOMES, USER_REASONS } from "./users.ts";

/** Codes that say the same kind of thing, and stand in the same place. */
export interface Kind {
  /** For machines. */
  kind: string;
  title: string;
  codes: Codes;
}

/** Every stable code that Spillway shows. */
export const KINDS: readonly Kind[] = [
  { kind: "park", title: "Why a run parks", codes: PARKS },
  { kind: "wait", title: "What a run waits for", codes: WAITS },
  { kind: "failedRun", title: "Why a run fails", codes: FAILED_RUNS },
  { kind: "provider", title: "What the gate found at an identity provider", codes: PROVIDERS },
  { kind: "activity", title: "Why an activity is tried again", codes: ACTIVITIES },
  { kind: "access", title: "Why the destination refuses the access", codes: REFUSED_ACCESS },
  { kind: "finding", title: "A finding about the pool or the file", codes: FINDING_CODES },
  { kind: "outcome", title: "How a user ended", codes: OUTCOMES },
  { kind: "reason", title: "Why a user ended so", codes: USER_REASONS },
  { kind: "how", title: "How somebody came to their account", codes: HOW },
  { kind: "failure", title: "Why something failed", codes: FAILURES },
  { kind: "unclear", title: "Why there is no clear answer", codes: UNCLEAR },
  { kind: "membership", title: "Why a membership or connection ended so", codes: MEMBERSHIPS },
  { kind: "mail", title: "How a reset mail ended", codes: MAIL_OUTCOMES },
  { kind: "noMail", title: "Why somebody gets no reset mail", codes: NO_MAIL_REASONS },
  { kind: "client", title: "How an app client ended", codes: CLIENT_OUTCOMES },
  { kind: "leftBehind", title: "Why an attribute is left behind", codes: LEFT_BEHIND },
  { kind: "difference", title: "How the destination differs", codes: DIFFERENCES },
  { kind: "result", title: "How a run ended", codes: RESULTS },
  { kind: "undo", title: "Why something stays after an undo", codes: UNDO },
  { kind: "bridgeAnswer", title: "What the bridge answers", codes: ANSWERS },
  { kind: "bridgeUnproven", title: "What the bridge answers with `wrong`", codes: UNPROVEN },
  { kind: "bridgeRefusal", title: "Why the bridge refuses a call", codes: REFUSED_CALLS },
  { kind: "bridgeTrouble", title: "A trouble of the bridge", codes: TROUBLES },
  { kind: "bridgeOutage", title: "An outage of the bridge's own", codes: OUTAGES },
];
