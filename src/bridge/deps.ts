import type { PasswordCheck } from "../cognito/sign-in.ts";
import type { MailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import type { ClientDetails, SignInDestination } from "../destinations/sign-in.ts";
import type { CallKind } from "../domain/migration.ts";
import type { Secret } from "../domain/secret.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationIdentity } from "../ledger/runs.ts";
import type { ResetTail } from "./reset-tail.ts";

/** Everything that the bridge touches; made once per process. */
export interface BridgeDeps {
  ledger: Ledger;
  /** Whose people sign in. */
  migration: MigrationIdentity;
  destination: Destination;
  accounts: SignInDestination;
  passwords: PasswordCheck;
  resets: ResetTail;
  /** For reset mails of our own; null where none are set up. */
  mail: MailSink | null;
  /** Counts a call at the destination that goes out at once, so that imports yield. */
  count: (kinds: readonly CallKind[]) => void;
  /** Told what went wrong beside a sign-in that went well; a code. */
  onTrouble: (code: string) => void;
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
