import type { Results } from '../../experiments/results.js';
import { classBars } from '../charts/class-bars.js';
import { slug } from '../../files/slug.js';
import type { PlacedChart } from './document.js';
import { escapeHtml as e } from './escape.js';
import { figures } from './sections.js';

/** How often each class comes: in the data sets that the experiment compares, and before and after rows are resampled. */
export function classRowsCharts({ classNames, proportions, resampled }: Results): PlacedChart[] {
  return [
    ...(proportions
      ? [{ id: 'proportions', spec: classBars(proportions.groups, { title: proportions.title, classNames, of: 'share' }) }]
      : []),
    ...(resampled ?? []).map(({ factor, title, protocol, series }) => ({
      id: slug('resampled', factor, protocol),
      spec: classBars(series, { title, subtitle: protocol === 'published' ? 'as published' : 'leak-free', classNames, of: 'rows' }),
    })),
  ];
}

export function classRowsSection(results: Results, charts: readonly PlacedChart[]): string {
  if (charts.length === 0) return '';
  const note = results.proportions?.note;
  return `<h2 id="class-rows">Rows of each class</h2>${note ? `<p class="quiet">${e(note)}</p>` : ''}${figures(charts)}`;
}
