import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { saraf } from '../cli/capture.js';
import type { BaselineResult } from '../../src/experiments/results.js';
import { buildOverview, writeOverview, type OverviewEntry } from '../../src/reports/overview.js';
import { buildReport } from '../../src/reports/report.js';
import { shownVariants, sweepCharts } from '../../src/reports/place-charts.js';
import { dumbbell } from '../../src/reports/charts/dumbbell.js';
import { epochTimes } from '../../src/reports/charts/epoch-times.js';
import { leakEffects } from '../../src/reports/charts/leak-effects.js';
import { sweepCurves } from '../../src/reports/charts/sweep-curves.js';
import { chartTheme } from '../../src/reports/charts/spec.js';
import { expectError } from '../helpers/expect-error.js';
import { describePage } from './page-in-browser.js';
import { schemaErrors } from './schema.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-overview-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sentiment = syntheticResults();
const sweep = syntheticSweep();
const entries: OverviewEntry[] = [
  { results: sentiment.results, report: 'nusax-lstm/report.html' },
  { results: sweep.results, report: null },
];

/** The part of a page from one heading to the next of its rank. */
function section(html: string, id: string): string {
  const from = html.indexOf(`<h2 id="${id}">`);
  expect(from, id).toBeGreaterThan(0);
  const to = html.indexOf('<h2', from + 1);
  return html.slice(from, to < 0 ? undefined : to);
}

describe('the overview', () => {
  const { html, charts } = buildOverview(entries);

  it('has a line per experiment, with its claims and a link to its report where there is one', () => {
    const summary = section(html, 'summary');
    expect(summary).toContain('<a href="#experiment-nusax-lstm">nusax-lstm</a>');
    expect(summary).toContain('<a href="nusax-lstm/report.html">report</a>');
    expect(summary).toContain('<span class="yes">1 hold</span>, <span class="no">0 do not</span>, <span>1 cannot be told</span>');
    expect(summary).toContain('stand-in');
  });

  it('calls an experiment a stand-in whose published figures all stand beside a stand-in, though its other cells do not', () => {
    const cells = sentiment.results.cells.map((c) => (c.published === null ? c : { ...c, comparable: 'stand-in' as const }));
    const page = buildOverview([{ results: { ...sentiment.results, cells }, report: null }]).html;
    expect(section(page, 'summary')).toContain('<span class="tag">stand-in</span>');
    expect(page).toContain('None of these experiments may be set against the published figures.');
    expect(section(html, 'summary')).toContain('<span class="tag">yes</span>');
  });

  it('puts every published figure beside both protocols, with interval, difference and effect of the leak', () => {
    const own = section(html, 'experiment-nusax-lstm');
    for (const text of ['18.30', '74.10', '±', 'to', 'effect of the leak', 'difference', 'Noise of the published figures'])
      expect(own).toContain(text);
    expect(own).toContain('&lt;/script&gt;&lt;b&gt;');
  });

  it('counts a printed figure once, with and without masks, and sets apart what was not run', () => {
    expect(section(html, 'summary')).toContain('<td class="number">2</td>');
    const findings = [{ kind: 'computed' as const, title: 'Bigger is better', text: '', holds: null, notRun: true as const }];
    const page = buildOverview([{ results: { ...sentiment.results, findings }, report: null }]).html;
    expect(section(page, 'summary')).toContain('<span>0 cannot be told</span>, <span>1 not run</span>');
    expect(section(page, 'claims')).toContain('not run');
  });

  it('prints no difference for a stand-in, and shows of a grid what was published alone', () => {
    const own = section(html, 'experiment-news-c-lstm');
    expect(own).not.toContain('>difference<');
    expect(own).toContain('+1.50');
    expect(own.match(/<tr><td>sweep: /g)).toHaveLength(4);
    expect(own).toContain('12 further variants without a published figure');
    expect(own).toContain('Other articles than the document');
    expect(charts.map((c) => c.id)).toEqual(
      expect.arrayContaining(['news-c-lstm-sweep-sweep-published', 'news-c-lstm-sweep-sweep-leak-free']),
    );
  });

  it('gives the effect of the leak its interval, in tables and chart, and says what else is in it', () => {
    const cells = sentiment.results.cells.map((c) => ({ ...c, rowsTrained: c.protocol === 'published' ? 4000 : 3600 }));
    const leakFree = cells.filter((c) => c.protocol === 'leak-free');
    const effect = { effect: 1.5, low: -0.25, high: 3.5, seeds: 3 };
    const leakEffects = leakFree.map(({ factor, variant, mask }) => ({ factor, variant, mask, ...effect, paired: mask === 'on' }));
    const results = { ...sentiment.results, cells, leakEffects };
    const page = buildOverview([{ results, report: null }]);
    const chart = page.charts.find((c) => c.id === 'leak-effects');
    if (!chart) throw new Error('expected the chart');
    const { values } = chart.spec['data'] as { values: unknown[] };
    expect(values).toHaveLength(4);
    expect(values[0]).toMatchObject({ effect: 1.5, low: -0.25, high: 3.5, place: 0.125 });
    const { html: report } = buildReport(results, sentiment.trained);
    for (const own of [section(page.html, 'experiment-nusax-lstm'), section(report, 'factor-direction')]) {
      expect(own).toContain('+1.50<br><small class="quiet">−0.25 to +3.50</small>');
      expect(own).toContain('the same test rows for both protocols, or the test rows of each protocol by themselves where they differ');
      expect(own).toContain('Training rows differ between the protocols: 4,000 as published, 3,600 leak-free.');
    }
    expect(section(page.html, 'leaks')).toContain('<code>nusax-lstm</code>: Training rows differ');
    expect(section(html, 'leaks')).not.toContain('Training rows differ');
    // One training, counted on the same rows: there is no effect to show.
    const none = leakEffects.map((own) => ({ ...own, effect: 0, low: 0, high: 0 }));
    const same = buildReport({ ...results, leakEffects: none }, sentiment.trained).html;
    expect(section(same, 'factor-direction')).not.toContain('effect of the leak');
  });

  it('says of each claim whether it holds, does not, or cannot be told', () => {
    const claims = section(html, 'claims');
    expect(claims).toContain('<strong class="yes">holds</strong>');
    expect(claims).toContain('<strong class="no">does not hold</strong>');
    expect(claims).toContain('cannot be told with 3 seeds');
  });

  it('names leaks, baselines, cost, contradictions and licences', () => {
    expect(section(html, 'leaks')).toContain('exact-duplicate');
    expect(section(html, 'cost')).toContain('378 to 448 s');
    expect(section(html, 'cost')).toContain('1.2 to 1.4 s');
    expect(section(html, 'documents')).toContain('A constant prediction');
    expect(section(html, 'data')).toContain('CC BY-SA 4.0');
    expect(section(html, 'data')).toContain("What differs from the documents' data");
  });

  it('sets the document’s seconds beside epochs of as many training rows alone, and shows the others apart', () => {
    const cells = sweep.results.cells.map((c) => ({ ...c, rowsTrained: c.variant.startsWith('4000 / 16') ? 33_700 : 8_428 }));
    const page = buildOverview([{ results: { ...sweep.results, cells, publishedEpochRows: 33_712 }, report: null }]);
    const cost = section(page.html, 'cost');
    expect(cost).toContain(
      '<td class="number">33,700 to 33,712</td><td class="number">1.2 to 1.4 s</td><td class="number">378 to 448 s</td>',
    );
    expect(cost).toContain('<td class="number">8,428</td><td class="number">1.2 to 1.4 s</td><td class="number">–</td>');
    expect(cost).toContain('overlap');
    const spec = JSON.stringify(page.charts.find((c) => c.id === 'epoch-times')?.spec);
    expect(spec).toContain('"where":"here, other rows"');
    // Older results know the rows from their audits, or not at all.
    const audited = section(buildOverview([{ results: { ...sentiment.results, publishedEpochSeconds: [9], publishedEpochRows: 500 }, report: null }]).html, 'cost'); // prettier-ignore
    expect(audited).toContain('<td class="number">500</td><td class="number">1.2 to 1.4 s</td><td class="number">9.0 s</td>');
    expect(section(html, 'cost')).toContain('<td class="number">–</td><td class="number">–</td><td class="number">378 to 448 s</td>');
  });

  it('says of which experiments the scale is reduced, beside their figures', () => {
    const reduced = { results: { ...sentiment.results, reduced: true }, report: null };
    const some = buildOverview([reduced, ...entries.slice(1)]).html;
    expect(section(some, 'claims')).toContain(
      '<span>quick scale of nusax-lstm: fewer rows, epochs or seeds; no such figure is comparable</span>',
    );
    expect(section(some, 'experiment-nusax-lstm')).toContain('<span>quick scale: all rows, 10 epochs; no figure is comparable</span>');
    expect(section(some, 'experiment-news-c-lstm')).not.toContain('class="scale"');
    expect(section(some, 'data')).not.toContain('class="scale"');
    expect(html).not.toContain('class="scale"');
  });

  it('says what the network adds where both are known', () => {
    const [first] = sentiment.results.baselines;
    if (!first) throw new Error('expected a baseline');
    const results = { ...sentiment.results, baselines: [first, { ...first, protocol: 'leak-free' as const, value: 60 }] };
    const own = section(buildOverview([{ results, report: null }]).html, 'baselines');
    expect(own).toContain('majority class');
    expect(html).not.toContain('id="baselines"');
  });

  it('sets a network beside the baselines of its own rows alone', () => {
    const [uni, bi] = ['uni', 'bi'].map((variant) => ({
      protocol: 'leak-free' as const,
      name: `only ${variant}`,
      cells: [`direction: ${variant}`],
    }));
    if (!uni || !bi) throw new Error('expected two sets');
    const of = (set: string, value: number): BaselineResult => ({ protocol: 'leak-free', name: 'naive Bayes', note: '', set, value });
    const results = { ...sentiment.results, baselineSets: [uni, bi], baselines: [of(uni.name, 40), of(bi.name, 20)] };
    const own = section(buildOverview([{ results, report: null }]).html, 'baselines');
    const best = (variant: string): number =>
      Math.max(...results.cells.filter((c) => c.protocol === 'leak-free' && c.variant === variant).map((c) => c.mean));
    for (const [variant, value] of [
      ['uni', 40],
      ['bi', 20],
    ] as const)
      // prettier-ignore
      expect(own).toContain(`<td class="number">${value.toFixed(2)}</td><td class="number">+${(best(variant) - value).toFixed(2)}</td>`);
    const report = section(buildReport(results, sentiment.trained).html, 'baselines');
    for (const [set, value] of [
      ['uni', '40.00'],
      ['bi', '20.00'],
    ])
      // prettier-ignore
      expect(report).toContain(`<td>only ${set}</td><td>leak-free</td><td class="number">${value}</td>`);
    expect(section(buildReport(sentiment.results, sentiment.trained).html, 'baselines')).not.toContain('variants');
  });

  it('draws valid charts, each once, and refers to nothing outside the file but the reports', () => {
    expect(new Set(charts.map((c) => c.id)).size).toBe(charts.length);
    for (const c of charts) {
      expect(html).toContain(`id="${c.id}"`);
      expect(schemaErrors({ ...c.spec, config: chartTheme('light') }), c.id).toEqual([]);
    }
    expect(html.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/(src|href)="https?:/);
  });

  it('does without times, intervals and audits, as older results do', () => {
    const cells = sentiment.results.cells.map(({ interval: _interval, ...c }) => ({
      ...c,
      runs: c.runs.map(({ epochSeconds: _epochSeconds, ...r }) => r),
    }));
    const { audits: _audits, ...older } = sentiment.results;
    const page = buildOverview([{ results: { ...older, cells: cells.map((c) => ({ ...c, mean: c.protocol === 'published' ? c.mean + 1 : c.mean })) }, report: null }]); // prettier-ignore
    expect(page.charts.map((c) => c.id)).not.toContain('epoch-times');
    expect(page.charts.map((c) => c.id)).toContain('leak-effects');
    expect(page.html).not.toContain('+1.00<br>');
    expect(section(page.html, 'leaks')).not.toContain('What the audit found');
    // No leak, no effect: nothing to draw.
    expect(buildOverview([{ results: { ...older, cells }, report: null }]).html).not.toContain('id="leaks"');
  });

  it('shows an experiment of one protocol, and one that published nothing', () => {
    const cells = sentiment.results.cells
      .filter((c) => c.protocol === 'leak-free')
      .map((c) => ({ ...c, published: null, difference: null }));
    const page = buildOverview([{ results: { ...sentiment.results, cells, audits: [] }, report: null }]);
    expect(page.html).toContain('The document prints no figure for any of these variants.');
    expect(page.html).not.toContain('id="leaks"');
    expectError(() => buildOverview([]), 'ERR_ARG', 'received none');
  });
});

describe('the report of a grid', () => {
  it('shows the matrices of what would be chosen and the ends of what is published, and says how many it leaves out', () => {
    expect(shownVariants(sweep.results, 'sweep')).toEqual({
      names: new Set(['500 / 16 / 1e-3', '2000 / 16 / 1e-3', '4000 / 16 / 1e-3', '4000 / 16 / 1e-4']),
      left: 12,
    });
    const { charts, html } = buildReport(sweep.results, sweep.trained);
    expect(charts.filter((c) => c.id.startsWith('confusion')).length).toBeLessThanOrEqual(8);
    expect(charts.filter((c) => c.id.startsWith('sweep'))).toHaveLength(2);
    expect(html).toContain('12 further variants are in the table');
    expect(shownVariants(sentiment.results, 'direction').left).toBe(0);
  });
});

describe('charts of the overview', () => {
  it('refuse what has nothing to show', () => {
    const options = { title: 't', metric: 'F1', joined: true };
    const point = { variant: 'a', kind: 'reproduced' as const, published: null, value: Number.NaN, low: 0, high: 1 };
    expectError(() => dumbbell([point], options), 'ERR_DATA', 'received none');
    expectError(
      () => leakEffects([{ experiment: 'a', variant: 'b', effect: Number.NaN, low: 0, high: 1 }], 't'),
      'ERR_DATA',
      'received none',
    );
    expectError(() => epochTimes([{ experiment: 'a', variant: 'b', where: 'here', seconds: 0 }], 't'), 'ERR_DATA', 'received none');
    const axes = ['documents', 'batch'];
    const named = { name: 'sweep', title: 'Sweep', axes: ['optimizer', 'batch'] };
    const [one] = sweep.results.cells;
    if (!one) throw new Error('expected a cell');
    const cells = ['adam / 16', 'sgd / 16'].map((variant) => ({ ...one, variant }));
    expect(sweepCharts({ ...sweep.results, cells }, named)).toEqual([]);
    expectError(() => sweepCurves([], { title: 't', metric: 'F1', axes }), 'ERR_DATA', 'received none');
    expectError(() => sweepCurves([{ at: ['many', '16'], value: 1 }], { title: 't', metric: 'F1', axes }), 'ERR_DATA', 'received many');
  });

  it('join the ends only where they may be compared, and stand without a published figure', () => {
    const point = { variant: 'a', kind: 'leak-free' as const, published: 70, value: 72, low: 69, high: 74 };
    const layers = (joined: boolean, published: number | null): number =>
      (dumbbell([{ ...point, published }], { title: 't', metric: 'F1', joined })['layer'] as unknown[]).length;
    expect([layers(true, 70), layers(false, 70), layers(true, null)]).toEqual([4, 3, 2]);
    expect(schemaErrors(dumbbell([{ ...point, published: null }], { title: 't', metric: 'F1', joined: true }))).toEqual([]);
  });
});

describe('saraf report', () => {
  it('writes the page from the results that are there', async () => {
    const out = join(folder, 'out');
    mkdirSync(join(out, 'nusax-lstm'), { recursive: true });
    mkdirSync(join(out, 'nothing'));
    writeFileSync(join(out, 'nusax-lstm', 'results.json'), JSON.stringify(sentiment.results));
    const seen = await saraf(['report', out]);
    expect(seen).toMatchObject({ code: 0, err: '' });
    expect(seen.out).toContain('overview.html');
  });

  it('says what is missing or damaged', async () => {
    expect(await saraf(['report', join(folder, 'nowhere')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('run saraf reproduce first') as string,
    });
    for (const [name, text, message] of [
      ['cut', '{"experiment": "tin', 'expected JSON'],
      ['other', '[1, 2]', 'expected the results of an experiment'],
      ['nothing', 'null', 'expected the results of an experiment'],
      ['thin', '{"experiment":"tiny","cells":[],"factors":[]}', 'expected the results of an experiment'],
      ['away', JSON.stringify({ ...sentiment.results, experiment: '../../away' }), 'expected the results of an experiment'],
    ] as const) {
      mkdirSync(join(folder, name, 'tiny'), { recursive: true });
      writeFileSync(join(folder, name, 'tiny', 'results.json'), text);
      expect(await saraf(['report', join(folder, name)])).toMatchObject({ code: 1, err: expect.stringContaining(message) as string });
    }
  });
});

describe('a folder with the results of one experiment twice', () => {
  it('is refused: the charts of one would stand beside the tables of the other', async () => {
    const out = join(folder, 'twice');
    for (const name of ['nusax-lstm', 'nusax-lstm-before']) {
      mkdirSync(join(out, name), { recursive: true });
      writeFileSync(join(out, name, 'results.json'), JSON.stringify(sentiment.results));
    }
    const seen = await saraf(['report', out]);
    expect(seen).toMatchObject({ code: 1, err: expect.stringMatching(/nusax-lstm once, found them in .*nusax-lstm and .*nusax-lstm-before/) as string }); // prettier-ignore
  });
});

const rowsKnown = sweep.results.cells.map((c) => ({ ...c, rowsTrained: c.variant.startsWith('4000 / 16') ? 33_712 : 8_428 }));
const withRows = entries.map((x) => (x.results === sweep.results ? { ...x, results: { ...sweep.results, cells: rowsKnown, publishedEpochRows: 33_712 } } : x)); // prettier-ignore
describePage('overview', () => ({ path: writeOverview(folder, withRows), charts: buildOverview(withRows).charts }));
