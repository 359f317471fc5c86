import type { BeforeApproval, FirstMail, MailsAhead } from "../domain/contract.ts";
import { NO_CLEAR_ANSWER } from "../domain/outcomes.ts";
import { grouped } from "./numbers.ts";

const LOOK =
  "Look whether the mails arrived, whether the link leads to your sign-in, and whether a new password works; then approve the others:";
const NOBODY_SAW =
  "So nobody has seen a mail; `./spillway lookup SUB` tells more of each. To mail the others although it is so:";
const OWN =
  "The mails are your own: the destination's own reset mails have to be turned off there, or everybody gets two.";
const ANOTHER_SENDER =
  "The workers' mails have another sender, or other texts, than those that somebody could look at.";
const SEE_TO_IT = "See to it that your sign-in leads to the destination; then approve the mails:";

/** What whoever approves the mails has to know: who was really mailed, what follows, and what nobody can know. Leads to the command. */
export function approvalSentence({
  first,
  isLater,
  cannotKnow,
  ahead,
  areOwn,
  asking = 0,
}: BeforeApproval): string {
  // Of those whom the file names earlier runs may have mailed some: nobody looks at these mails now.
  const own = first.filter(({ isEarlier, outcome }) => !(isEarlier || (isLater && outcome === "open")));
  const mailed = own.filter(({ outcome }) => outcome === "mailed").length;
  const isAnew = asking > 0;
  const none = isAnew ? "Nobody has got one of these yet." : nobody(isLater, ahead);
  const sentences = [
    ...(isAnew ? [ANOTHER_SENDER] : []),
    own.length === 0 ? none : firstOnes(own, mailed),
    ...(ahead === undefined ? [] : aheadSentences(ahead)),
    ...(areOwn ? [OWN] : []),
    ...(cannotKnow === null ? [] : [cannotKnow]),
    own.length === 0 ? SEE_TO_IT : mailed === 0 ? NOBODY_SAW : LOOK,
  ];
  return sentences.join(" ");
}

/** The file wants no first ones, or an earlier run mailed them. */
function nobody(isLater: boolean, ahead: MailsAhead | undefined): string {
  if (!isLater) return "Nobody has been mailed yet.";
  const isCounted = (ahead?.before ?? 0) > 0;
  return `This run has mailed nobody yet${isCounted ? "" : "; earlier runs have mailed people"}.`;
}

function aheadSentences({ mails, lastAt, ifAt, pace, before }: MailsAhead): string[] {
  const people = mails === 1 ? "1 person" : `${grouped(mails)} people`;
  const earlier = `${grouped(before)} ${before === 1 ? "was" : "were"} mailed before this run and get${before === 1 ? "s" : ""} no other one.`;
  return [
    `An approval mails ${people}, the last of them about ${lastAt} (${pace})${ifAt === undefined ? "" : ` if it is given at ${ifAt}`}.`,
    ...(before === 0 ? [] : [earlier]),
  ];
}

function firstOnes(first: readonly FirstMail[], mailed: number): string {
  const people = first.length === 1 ? "The first person" : `The first ${grouped(first.length)} people`;
  if (mailed === first.length) return `${people} ${first.length === 1 ? "was" : "were"} mailed.`;
  const counts = COUNTED.flatMap(({ is, one, many }) => {
    const count = first.filter(is).length;
    return count === 0 ? [] : [`${grouped(count)} ${count === 1 ? one : many}`];
  });
  const parts = [counts.slice(0, -1).join(", "), ...counts.slice(-1)].filter((part) => part !== "");
  const isUnclear = first.some(mayBeMailed);
  const none = mailed > 0 ? "" : isUnclear ? "none was mailed for certain: " : "nobody was mailed: ";
  if (first.length === 1)
    return isUnclear
      ? "Nobody can tell whether the first person was mailed."
      : `Nobody was mailed: the first person ${parts.join().replace(/^1 /, "")}.`;
  return `Of the first ${grouped(first.length)} people ${none}${parts.join(" and ")}.`;
}

/** A mail without a clear answer may be out, although it has failed. */
function mayBeMailed({ outcome, reason }: FirstMail): boolean {
  return outcome === "unsettled" || (outcome === "failed" && reason === NO_CLEAR_ANSWER);
}

const COUNTED: readonly { is: (mail: FirstMail) => boolean; one: string; many: string }[] = [
  { is: ({ outcome }) => outcome === "mailed", one: "was mailed", many: "were mailed" },
  {
    is: ({ outcome, reason }) => outcome === "failed" && reason !== NO_CLEAR_ANSWER,
    one: "was refused",
    many: "were refused",
  },
  {
    is: mayBeMailed,
    one: "may or may not have been mailed",
    many: "may or may not have been mailed",
  },
  { is: ({ outcome }) => outcome === "not_mailed", one: "gets no mail", many: "get no mail" },
  { is: ({ outcome }) => outcome === "open", one: "is still to be mailed", many: "are still to be mailed" },
];
