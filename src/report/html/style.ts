/** The look of the page, light and dark as the reader's machine is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --shade: #f3f5f7; --link: #0b57b8;
  --series-1: #1f6fb5; --series-2: #b5521c; --series-3: #6b4fa0;
  --good: #14692f; --bad: #a8281c; --neutral: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161c; --ink: #e6eaef; --soft: #a3adb8; --line: #38424d; --shade: #1a2129; --link: #7db8ff;
    --series-1: #5aa9ef; --series-2: #f0935a; --series-3: #b79cf0;
    --good: #5fd083; --bad: #ff8c7d; --neutral: #a3adb8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 2.5rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.4rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1.1rem; }
h4 { margin: 1rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0; }
ul { padding-left: 1.25rem; }
li { margin: .35rem 0; }
a { color: var(--link); }
code { padding: .1em .3em; border-radius: .25em; background: var(--shade); font-size: .9em; }
.kicker, .small, figcaption { color: var(--soft); }
.kicker { margin: 0; }
.small { font-size: .875rem; }
.result.verified, .result.planned, .result.undone { color: var(--good); }
.result.differs { color: var(--bad); }
.result.unfinished { color: var(--neutral); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: .5rem; margin: 1rem 0; }
.figures div { padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
nav ul, .legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0; padding: 0; list-style: none; }
figure { margin: 1rem 0; }
figure svg { display: block; max-width: 100%; height: auto; }
.wide { display: none; }
@media (min-width: 44rem) { .wide { display: block; } .narrow { display: none; } }
.swatch { display: inline-block; width: 1rem; height: .25rem; margin-right: .4rem; vertical-align: middle; }
.series-1 { background: var(--series-1); }
.series-2 { background: var(--series-2); }
.series-3 { background: var(--series-3); }
.scroll { margin: 1rem 0; overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; font-size: .95rem; }
caption { padding: .25rem 0; text-align: left; font-weight: 600; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: normal; }
time { white-space: nowrap; }
bdi { overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: .9rem; }
#hand-off td { min-width: 8rem; overflow-wrap: anywhere; }
.scroll code { overflow-wrap: normal; word-break: normal; }
#hand-off code { overflow-wrap: anywhere; }
th { font-weight: 600; }
tbody th { min-width: 10rem; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
li:has(> span[aria-hidden]) { padding-left: 1.5rem; list-style: none; text-indent: -1.5rem; }
ul:has(> li > span[aria-hidden]) { padding: 0; }
.swatch { print-color-adjust: exact; }
@media print {
  nav { display: none; }
  .scroll { overflow: visible; }
  /* Paper cannot be scrolled. */
  .scroll code { overflow-wrap: anywhere; }
  #hand-off td { min-width: 5.5rem; }
  #hand-off table { font-size: .8rem; }
  tr { break-inside: avoid; }
}
`;
