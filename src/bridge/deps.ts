import type { PasswordCheck } from "../cognito/sign-in.ts";
import type { UserSource } from "../cognito/source.ts";
import type { MailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import type { ClientDetails, SignInDestination } from "../destinations/sign-in.ts";
import type { CallKind } from "../domain/migration.ts";
import type { Secret } from "../domain/secret.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationIdentity, MigrationRow } from "../ledger/runs.ts";
import type { AskFactors } from "./pool-factors.ts";
import type { RecentThrottle } from "./recent-throttle.ts";
import type { ResetTail } from "./reset-tail.ts";
import type { BridgeSettings } from "./settings.ts";

/** Everything that the bridge touches; made once per process. */
export interface BridgeDeps {
  ledger: Ledger;
  /** Whose people sign in. */
  migration: MigrationIdentity;
  destination: Destination;
  accounts: SignInDestination;
  passwords: PasswordCheck;
  /** Of the check of passwords. */
  throttle: RecentThrottle;
  source: Pick<UserSource, "findUser" | "usersByEmail">;
  poolHasFactors: AskFactors;
  resets: ResetTail;
  /** What comes of an old password where somebody else has changed the account: a reset, or it moves all the same. */
  changedAccounts: BridgeSettings["changedAccounts"];
  /** For reset mails of our own; null where none are set up. */
  mail: MailSink | null;
  /** Takes one of the day's mails; false where there is none left. */
  mayMail: () => Promise<boolean>;
  /** Asked before anything else is, and takes none. */
  areMailsLeft: () => Promise<boolean>;
  /** Counts a call at the destination that goes out at once, so that imports yield. */
  count: (kinds: readonly CallKind[]) => void;
  /** Counts a page of people read of the source at once, so that its walks yield. */
  countPage: (migration: Pick<MigrationRow, "file" | "accountId">) => void;
  /** Told what went wrong beside a sign-in that went well: a code, and the call and code of whoever caused it. */
  onTrouble: (code: string, cause?: string) => void;
  /** Aborted once whoever asked was answered, and as late for what comes after an answer; never for work of the bridge's own. */
  late: AbortSignal;
}

/** What somebody typed. */
export interface Credentials {
  /** As it was typed. */
  typed: string;
  /** Normalised. */
  email: string;
  password: Secret;
  client: ClientDetails;
}
