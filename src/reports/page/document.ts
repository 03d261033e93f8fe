import { chartTheme, type ChartSpec } from '../charts/spec.js';
import type { Language } from '../language/index.js';
import { inlineBundles } from './bundles.js';
import { escapeHtml, escapeJson } from './escape.js';
import { STYLE } from './style.js';

/** A chart with its place in the page and its file name under charts/. */
export interface PlacedChart {
  readonly id: string;
  readonly spec: ChartSpec;
}

// Draws every chart, again when the reader's system turns dark or light, and leaves word of what failed.
const DRAW = `
const data = JSON.parse(document.getElementById('saraf-charts').textContent);
const dark = window.matchMedia('(prefers-color-scheme: dark)');
async function draw() {
  const config = dark.matches ? data.themes.dark : data.themes.light;
  await Promise.all(data.charts.map(({ id, spec }) => vegaEmbed('#' + id, spec, { config, renderer: 'svg', actions: { export: true, source: false, compiled: false, editor: false } })
    .catch((error) => { document.getElementById(id).textContent = 'This chart could not be drawn: ' + error.message; console.error(error); })));
  document.documentElement.dataset.drawn = String(data.charts.length);
}
dark.addEventListener('change', draw);
draw();
`;

/** A page of text and tables alone. */
export function plainDocument(title: string, body: string, language: Language = 'en'): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** One self-contained page: style, libraries, charts and text in a single file. */
export function htmlDocument(title: string, body: string, charts: readonly PlacedChart[], language: Language = 'en'): string {
  const themes = { light: chartTheme('light'), dark: chartTheme('dark') };
  const scripts = `${inlineBundles()}
<script type="application/json" id="saraf-charts">${escapeJson({ charts, themes })}</script>
<script>${DRAW}</script>`;
  return plainDocument(title, `${body}\n${scripts}`, language);
}
