/** How somebody calls the two programs that sentences name: each the beginning of a command that runs as pasted. */
export interface Programs {
  spillway: string;
  temporal: string;
}

/** Where they are written: in the folder of a clone. */
const AS_WRITTEN = /(?<![\w./-])\.\/(spillway|temporal)(?=[ \n`]|$)/g;

/** A text of ours, whose commands somebody can run. */
export function withPrograms(text: string, programs: Programs): string {
  return text.replace(AS_WRITTEN, (_, name: keyof Programs) => programs[name]);
}

const IN_CLONE: Programs = { spillway: "./spillway", temporal: "./temporal" };
/** The package brings no Temporal CLI of its own: whoever starts runs by hand has one. */
export const PACKAGE_PROGRAMS: Programs = { spillway: "npx spillway", temporal: "temporal" };

/** Of what is read elsewhere than at this terminal: in the Temporal UI, in a report, in an alert. */
export const installedPrograms = import.meta.url.includes("/node_modules/") ? PACKAGE_PROGRAMS : IN_CLONE;

/** The same for whoever reads it elsewhere. */
export function asInstalled(text: string): string {
  return installedPrograms === IN_CLONE ? text : withPrograms(text, installedPrograms);
}
