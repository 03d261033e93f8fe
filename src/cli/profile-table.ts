import type { MachinePeaks } from '../models/profile/peaks.js';
import { NEAR, type Profile, type ProfileRow } from '../models/profile/summarize.js';
import { layerTimes } from '../reports/charts/layer-times.js';
import { htmlDocument } from '../reports/page/document.js';
import { escapeHtml } from '../reports/page/escape.js';
import { textTable } from './text-table.js';

const HEADS = ['pass', 'layer', 'calls', 'ms/step', '% of step', 'GFLOP/s', '% of peak', 'GB/s', '% of peak', 'bound by'] as const;
const RIGHT = [2, 3, 4, 5, 6, 7, 8];

const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(share < 0.0995 ? 1 : 0));
const rate = (value: number | null): string => (value === null ? '–' : value.toFixed(value < 9.95 ? 2 : 0));

function cells(row: ProfileRow): string[] {
  const { pass, name, calls, milliseconds, share, gflops, gbps, ofCompute, ofMemory, bound } = row;
  const numbers = [milliseconds.toFixed(3), percent(share), rate(gflops), percent(ofCompute), rate(gbps), percent(ofMemory)];
  return [pass, name, String(calls), ...numbers, bound ?? '–'];
}

/** What the percentages refer to, and how to read them. */
export function legend(peaks: MachinePeaks): string[] {
  return [
    `Peaks of this machine (${peaks.isa}, ${peaks.threads} thread${peaks.threads === 1 ? '' : 's'}): ${peaks.gflops.toFixed(0)} GFLOP/s, ${peaks.gbps.toFixed(1)} GB/s; ${peaks.method}.`,
    'Work is counted from the shapes: products of steps that are not masked, convolutions as if direct (so Winograd may pass 100 %), each operand moved once (so data in a cache may pass 100 %).',
    `Bound by: the limit that is used more; overhead where both are used by less than ${100 * NEAR} %: calls, steps that wait for each other, too little work for all threads.`,
  ];
}

/** The table of a profile, a row per pass and layer in the order of a step. */
export function profileTable(profile: Profile): string {
  return `${textTable(HEADS, profile.rows.map(cells), RIGHT)}\nStep: ${profile.milliseconds.toFixed(3)} ms, mean of ${profile.steps}`;
}

/** A self-contained page with the chart of times per layer, and the table. */
export function profilePage(title: string, note: string, profile: Profile, peaks: MachinePeaks): string {
  const chart = layerTimes(
    profile.rows.map(({ name, pass, milliseconds, share, bound }) => ({ layer: name, pass, milliseconds, share, bound })),
    { title: 'Time of a step per layer', subtitle: `${profile.milliseconds.toFixed(2)} ms a step` },
  );
  const tag = (name: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text, i) => `<${name}${RIGHT.includes(i) ? ' class="number"' : ''}>${escapeHtml(text)}</${name}>`).join('')}</tr>`;
  const body = `<header><h1>${escapeHtml(title)}</h1></header>
<main><p>${escapeHtml(note)}</p>
<figure><div class="chart" id="times" role="img" aria-label="${escapeHtml(String(chart['description']))}"></div></figure>
<div class="scroll" tabindex="0"><table><thead>${tag('th', HEADS)}</thead><tbody>${profile.rows.map((row) => tag('td', cells(row))).join('\n')}</tbody></table></div>
${legend(peaks)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join('\n')}</main>`;
  return htmlDocument(`Profile of ${title}`, body, [{ id: 'times', spec: chart }]);
}
