/** One style sheet for all reports: system fonts, light and dark, narrow and wide, and paper. */
export const STYLE = `
:root { color-scheme: light dark; --page: #ffffff; --card: #f6f8fa; --line: #d8dee4; --text: #1f2328; --quiet: #59636e; --accent: #0b5394;
  --warn-page: #fff4d6; --warn-line: #b58105; --warn-text: #513a00; --good: #1a6b3c; --bad: #a4262c; }
@media (prefers-color-scheme: dark) { :root { --page: #14181d; --card: #1c2229; --line: #333b45; --text: #e3e8ee; --quiet: #9aa5b1; --accent: #7cb7ea;
  --warn-page: #3a2e0b; --warn-line: #b58105; --warn-text: #ffe3a1; --good: #6fcf97; --bad: #ff8a8f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: break-word; }
main, header, footer { max-width: 1160px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
p { max-width: 75ch; margin: .5rem 0; }
a { color: var(--accent); }
.quiet, figcaption, small { color: var(--quiet); font-size: .875rem; }
.banner { background: var(--warn-page); color: var(--warn-text); border-left: 4px solid var(--warn-line); padding: .8rem 1rem; margin: 1rem 0; border-radius: 4px; }
.banner p { margin: .25rem 0; max-width: none; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: .8rem 1.6rem; margin: 1.2rem 0; }
dl.facts dt { color: var(--quiet); font-size: .8rem; }
dl.facts dd { margin: 0; }
.scroll { overflow-x: auto; margin: .8rem 0; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .75rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
thead th { background: var(--card); font-weight: 600; font-size: .82rem; white-space: nowrap; }
th.group { text-align: center; border-left: 1px solid var(--line); }
td.number, th.number { text-align: right; white-space: nowrap; }
td .std { color: var(--quiet); font-size: .86em; }
/* A line or two of numbers: as wide as they are, and no wider on a phone. */
.numbers .scroll { width: fit-content; max-width: 100%; } .numbers table { width: auto; min-width: 0; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 99px; padding: 0 .55em; font-size: .8em; color: var(--quiet); white-space: nowrap; }
p.scale { margin: .8rem 0 -.5rem; color: var(--quiet); font-size: .82rem; max-width: none; }
.yes { color: var(--good); } .no { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; margin: .8rem 0; }
.charts.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 290px), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 12px 6px; min-width: 0; }
.chart { width: 100%; min-height: 60px; }
.chart svg { max-width: 100%; }
.vega-embed { width: 100%; }
.vega-embed.has-actions { padding-right: 0 !important; }
/* In the corner of the figure, where it hides no title. */
.vega-embed details summary { opacity: .35 !important; top: -11px !important; right: -9px !important; margin: 0 !important; transform: scale(.75); transform-origin: top right; }
img.row { image-rendering: pixelated; display: block; border-radius: 3px; }
ul { padding-left: 1.2rem; } li { margin: .3rem 0; max-width: 80ch; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--card); padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere; }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--accent); }
footer { padding: 2.5rem 20px 3rem; color: var(--quiet); font-size: .85rem; }
@media (max-width: 600px) { body { font-size: 15px; } header { padding-top: 22px; } h1 { font-size: 1.5rem; } th, td { padding: .4rem .5rem; } table { min-width: 720px; } td:first-child, th:first-child { position: sticky; left: 0; max-width: 9rem; background: var(--page); } thead th:first-child { background: var(--card); white-space: normal; } main, header, footer { padding-left: 14px; padding-right: 14px; } }
@media print { .vega-embed details { display: none; } figure { break-inside: avoid; } }
`;
