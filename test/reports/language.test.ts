import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bodyInLanguage, chartInLanguage, label } from '../../src/reports/language/index.js';
import { INDONESIAN } from '../../src/reports/language/indonesian.js';
import { buildOverview, type OverviewEntry } from '../../src/reports/overview.js';
import { buildReport, writeReport } from '../../src/reports/report.js';
import { factorTable } from '../../src/reports/tables/factor-table.js';
import { htmlOf } from '../../src/reports/tables/html.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import { describePage } from './page-in-browser.js';
import { schemaErrors } from './schema.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-language-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sentiment = syntheticResults();
const sweep = syntheticSweep();
const entries: OverviewEntry[] = [
  { results: sentiment.results, report: 'nusax-lstm/report.html' },
  { results: sweep.results, report: null },
];
const pages = [buildReport(sentiment.results, sentiment.trained), buildReport(sweep.results, sweep.trained), buildOverview(entries)];

/** What the experiments call themselves and their factors: their own words, in whatever language. */
const OWN = new Set(
  [sentiment.results, sweep.results].flatMap((r) => [r.title, ...r.factors.flatMap((f) => [f.title, ...(f.axes ?? [])]), ...r.cells.flatMap((c) => [c.variant, c.metric])]), // prettier-ignore
);
const isTranslated = (text: string): boolean => Object.hasOwn(INDONESIAN, text) || label(text, 'id') !== text;

/** The labels of charts: titles of axes, legends and tooltips, and the categories of protocols and parts. */
function chartLabels(part: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(part)) for (const item of part) chartLabels(item, found);
  else if (typeof part === 'object' && part !== null)
    for (const [key, value] of Object.entries(part)) {
      if (['title', 'subtitle'].includes(key) && typeof value === 'string') for (const s of value.split(' · ')) found.add(s);
      else if (key !== 'values') chartLabels(value, found);
    }
  return found;
}

describe('labels in Indonesian', () => {
  it('are there for every heading and column of the pages', () => {
    const missing = new Set<string>();
    for (const { html } of pages) {
      const body = html.slice(0, html.indexOf('<script'));
      for (const [, , text = ''] of body.matchAll(/<(h[123]|th|dt|summary)(?: [^>]*)?>([^<>]+)<\/\1>/g)) {
        const plain = text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'); // prettier-ignore
        if (!isTranslated(plain) && !OWN.has(plain)) missing.add(plain);
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('are there for every axis, legend and subtitle of the charts', () => {
    const missing = pages.flatMap((p) => p.charts).flatMap(({ spec }) => [...chartLabels(spec)]);
    expect([...new Set(missing)].filter((text) => !isTranslated(text) && !OWN.has(text))).toEqual([]);
  });

  it('leave no English one on a page, and all of the data as it is', () => {
    const { html, charts } = buildReport(sentiment.results, sentiment.trained, [], 'id');
    const body = html.slice(0, html.indexOf('<script'));
    expect(html).toContain('<html lang="id">');
    expect(body).toContain('<th scope="col" class="number">bebas kebocoran</th>');
    expect(body).toContain('<td>bebas kebocoran</td>');
    expect(body).not.toMatch(/<t[hd][^>]*>(leak-free|published|reproduced)</);
    for (const text of sentiment.results.cells.map((c) => c.mean.toFixed(2))) expect(body).toContain(text);
    const legends = JSON.stringify(charts.map((c) => c.spec));
    for (const text of ['publikasi', 'bebas kebocoran', 'pelatihan', 'validasi', 'kelas sebenarnya']) expect(legends).toContain(`"${text}"`); // prettier-ignore
    for (const text of ['leak-free', 'published', 'training', 'true class']) expect(legends).not.toContain(`"${text}"`);
    for (const { id, spec } of charts) if (!id.startsWith('words')) expect(schemaErrors(spec), id).toEqual([]);
  });

  it('are there for every verdict, in words and with numbers', () => {
    const shown = [pages[0], pages[2]].map((page) => page?.html ?? '').join('');
    const verdicts = [...shown.matchAll(/<(?:span|strong|small|td)(?: [^>]*)?>([^<>]+)<\//g)].map(([, text = '']) => text);
    for (const told of [
      'cannot be told with 3 seeds',
      'holds',
      'yes',
      'no',
      'holds here',
      'cannot be said',
      'looked for, none found',
      '1 cannot be told',
      '+48.10 to +57.90',
      '3 seeds',
    ])
      // prettier-ignore
      expect(verdicts, told).toContain(told);
    const own = [sentiment, sweep].flatMap(({ results, trained }) => buildReport(results, trained, [], 'id').html.split('<script')[0]);
    const page = [...own, buildOverview(entries, 'id').html.split('<script')[0]].join('');
    for (const english of [
      />(\d+ )?cannot be told/,
      /not clear/,
      />(yes|no|holds|report|test|validation)</,
      /above \d/,
      /\d seeds</,
      /\d to [+−]?\d[\d.,]*( s)?</,
      /\d cannot/,
      /none found/,
    ])
      // prettier-ignore
      expect(page.match(new RegExp(`.{0,40}${english.source}.{0,40}`, "g")) ?? [], english.source).toEqual([]);
    for (const [text, own] of [
      ['not above 18.4: every run is a constant prediction', 'tidak di atas 18.4: setiap percobaan adalah prediksi konstan'],
      ['19.0 against 18.4, but of one seed without an interval', '19.0 terhadap 18.4, tetapi dari satu seed tanpa interval'],
      ['above 18.4 (95 % interval over 3 seeds: 19.0 to 20.0)', 'di atas 18.4 (interval 95 % atas 3 seed: 19.0 sampai 20.0)'],
      ['19.0, but 18.4 is in the interval (95 % interval over test rows, of one seed: 17.0 to 21.0)', '19.0, tetapi 18.4 ada di dalam interval (interval 95 % atas baris uji, dari satu seed: 17.0 sampai 21.0)'], // prettier-ignore
      ['cannot be told with 1 to 3 seeds', 'tidak dapat disimpulkan dengan 1 sampai 3 seed'],
      ['−0.80 to +3.40', '−0.80 sampai +3.40'],
      ['1,200 to 33,712', '1,200 sampai 33,712'],
    ] as const)
      expect(label(text, 'id')).toBe(own);
  });

  it('keep what has no translation, and English as it was', () => {
    expect(label('a label of tomorrow', 'id')).toBe('a label of tomorrow');
    expect(label('constructor', 'id')).toBe('constructor');
    expect(label('sum of 5 runs', 'id')).toBe('jumlah 5 percobaan');
    const body = '<td>yes</td><th scope="col">What differs from the documents&#39; data</th><strong>kata orang</strong>';
    expect(bodyInLanguage(body, 'en')).toBe(body);
    expect(bodyInLanguage(body, 'id')).toBe('<td>yes</td><th scope="col">Perbedaan dengan data dokumen</th><strong>kata orang</strong>');
    const spec = { title: 'loss', data: { values: [{ kind: 'published', class: 'published' }] } };
    expect(chartInLanguage(spec, 'en')).toBe(spec);
    expect(chartInLanguage(spec, 'id')).toEqual({ title: 'loss', data: { values: [{ kind: 'publikasi', class: 'published' }] } });
  });

  it('reach the tables for papers', () => {
    const factor = { name: 'direction', title: 'Arah LSTM' };
    expect(latexOf(factorTable(sentiment.results, factor, 'id'))).toContain('rata-rata $\\pm$ simpangan baku');
    expect(htmlOf(factorTable(sentiment.results, factor, 'id'), 'id')).toContain('>bebas kebocoran<');
  });
});

describePage('report-id', () => {
  const path = writeReport(join(folder, 'nusax-lstm'), sentiment.results, sentiment.trained, [], 'id');
  return { path, charts: buildReport(sentiment.results, sentiment.trained, [], 'id').charts };
});
