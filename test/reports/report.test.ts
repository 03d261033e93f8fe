import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildOverview } from '../../src/reports/overview.js';
import type { RunOrigin } from '../../src/experiments/results.js';
import { buildReport, writeReport } from '../../src/reports/report.js';
import { escapeJson, escapeScript } from '../../src/reports/page/escape.js';
import { runSheet } from '../../src/reports/run-sheets.js';
import { describePage } from './page-in-browser.js';
import { schemaErrors } from './schema.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('escaping', () => {
  it('keeps scripts and JSON inside their elements', () => {
    expect(escapeScript('a="</script>"; b="<!--"')).toBe('a="<\\/script>"; b="<\\!--"');
    expect(escapeJson({ a: '</script><!--' })).not.toContain('<');
  });
});

describe('report', () => {
  const { results, trained } = syntheticResults();
  const report = buildReport(results, trained);

  it('shows published, reproduced and leak-free with differences', () => {
    expect(report.html).toContain('74.10');
    expect(report.html).toMatch(/± \d/);
    expect(report.html).toContain('<th scope="col" class="number">difference</th>');
    expect(report.html).toContain('What the document does not state');
  });

  it('escapes text that comes from data', () => {
    expect(report.html).not.toContain('</script><b>');
    expect(report.html).toContain('&lt;/script&gt;&lt;b&gt;');
  });

  it('prints no difference for a stand-in, and says so on top', () => {
    const standIn = syntheticResults('JPEG images instead of the original pixels.');
    const { html } = buildReport(standIn.results, standIn.trained);
    expect(html).not.toContain('<th scope="col" class="number">difference</th>');
    expect(html.indexOf('JPEG images instead')).toBeLessThan(html.indexOf('<main>'));
    expect(html).toContain('stand-in');
  });

  it('says of some cells alone that they are a stand-in, and why', () => {
    const cells = results.cells.map((c) =>
      c.variant === 'uni' ? { ...c, comparable: 'stand-in' as const, standIn: 'rows <made up>' } : c,
    );
    for (const { html } of [buildReport({ ...results, cells }, trained), buildOverview([{ results: { ...results, cells }, report: null }])])
      expect(html).toContain('<p><span class="tag">stand-in</span> uni: rows &lt;made up&gt;</p>');
    expect(report.html).not.toContain('<span class="tag">stand-in</span> uni');
  });

  it('sets the baselines of each set of rows in a row, and says how each is made', () => {
    const baseline = (set: string, protocol: 'published' | 'leak-free', name: string, value: number, note = 'how <it>') => ({ set, protocol, name, value, note }); // prettier-ignore
    const baselines = [
      baseline('small', 'published', 'majority class', 40, 'always "a"'),
      baseline('small', 'published', 'naive Bayes', 60),
      baseline('large', 'published', 'majority class', 41, 'always "b"'),
      baseline('large', 'leak-free', 'naive Bayes', 70),
    ];
    const { html } = buildReport({ ...results, baselines }, trained);
    const own = html.slice(html.indexOf('id="baselines"'), html.indexOf('<h2', html.indexOf('id="baselines"')));
    expect(own.match(/<tr><td>.*<\/tr>/g)).toEqual([
      '<tr><td>small</td><td>published</td><td class="number">40.00</td><td class="number">60.00</td></tr>',
      '<tr><td>large</td><td>published</td><td class="number">41.00</td><td class="number">–</td></tr>',
      '<tr><td>large</td><td>leak-free</td><td class="number">–</td><td class="number">70.00</td></tr>',
    ]);
    expect(own).toContain('<li>majority class: always &quot;a&quot;; or always &quot;b&quot;.</li><li>naive Bayes: how &lt;it&gt;.</li>');
  });

  it('shows how often each class comes, before and after resampling, and curves of the metrics that are asked for', () => {
    const own = {
      ...results,
      curves: ['loss', 'val_score'],
      proportions: { title: 'Two years', note: 'Printed <counts>.', groups: [{ name: '2020', counts: [1, 2, 3] }] },
      resampled: [{ factor: 'f', title: 'T', protocol: 'published' as const, series: [{ name: 'as collected', counts: [0, 0, 0] }] }],
    };
    const page = buildReport(own, trained);
    expect(page.charts.map((c) => c.id)).toEqual(expect.arrayContaining(['proportions', 'resampled-f-published']));
    expect(page.html).toContain('<h2 id="class-rows">Rows of each class</h2><p class="quiet">Printed &lt;counts&gt;.</p>');
    expect(page.html).toContain('Loss and val_score per epoch');
    const shares = page.charts.find((c) => c.id === 'proportions')?.spec['data'] as { values: { text: string }[] };
    expect(shares.values.map((v) => v.text)).toEqual(['16.7 %', '33.3 %', '50.0 %']);
    for (const { id, spec } of page.charts) expect(schemaErrors(spec), id).toEqual([]);
    expect(report.html).not.toContain('Rows of each class');
  });

  it('writes valid Vega-Lite files and drops those of an earlier selection', () => {
    writeReport(folder, results, trained);
    writeFileSync(join(folder, 'charts', 'old.vl.json'), '{}');
    const path = writeReport(folder, results, trained);
    expect(existsSync(path)).toBe(true);
    const files = readdirSync(join(folder, 'charts'));
    expect(files).toContain('loss-direction-mask-off.vl.json');
    expect(files).toContain('confusion-direction-uni-mask-off.vl.json');
    expect(files).not.toContain('old.vl.json');
    expect(files).toHaveLength(report.charts.length);
    for (const f of files) expect(schemaErrors(JSON.parse(readFileSync(join(folder, 'charts', f), 'utf8')))).toEqual([]);
  });

  it('says whether the best variant can be told from the others, and nothing of it in older results', () => {
    expect(report.html).toContain('Does the best variant really beat the others?');
    expect(report.html).toContain('+48.10 to +57.90');
    expect(report.html).toContain('cannot be told with 3 seeds');
    expect(report.html).toContain('<strong class="yes">yes</strong>');
    expect(report.html).toContain('&lt;bi&gt;');
    const { comparisons: _comparisons, ...older } = results;
    expect(buildReport(older, trained).html).not.toContain('really beat the others');
    const single = buildReport({ ...results, seeds: [1] }, trained).html;
    expect(single).toContain('how much seeds differ is not in it');
  });

  it('says of how many rows a comparison is, and which variants cannot be compared', () => {
    const comparisons = (results.comparisons ?? []).map((c) => ({ ...c, rows: 2566, seeds: 1 }));
    const common = { factor: 'direction', mask: 'off', protocol: 'published', best: 'bi' } as const;
    const notCompared = ['uni', '<x>'].map((other) => ({ ...common, other, why: 'other rows' }));
    const section = (own: typeof results): string =>
      buildReport(own, trained).html.split('<h2 id="comparisons">')[1]?.split('<h2')[0] ?? '';
    const html = section({ ...results, comparisons, notCompared });
    expect(html).toContain('<td class="number">2,566</td><td><strong class="yes">yes, for these runs</strong></td>');
    expect(html).toContain('<li>direction · mask off · published: bi and uni; bi and &lt;x&gt;: other rows.</li>');
    expect(section({ ...results, comparisons: [], notCompared })).toContain('Not compared row by row');
    expect(section(results)).not.toContain('Not compared');
  });

  it('says where a verdict is about the runs of one seed', () => {
    const findings = [true, false, null].map((holds) => ({ title: `Claim ${holds}`, text: '…', kind: 'computed' as const, holds, ...(holds === null ? {} : { scope: 'runs' as const }) })); // prettier-ignore
    const { html } = buildReport({ ...results, findings }, trained);
    expect(html).toContain('<span class="tag yes">holds for these runs</span>');
    expect(html).toContain('<span class="tag no">does not hold for these runs</span>');
    expect(html).toContain('Claim true: <span>holds for these runs</span>.');
    const overview = buildOverview([{ results: { ...results, findings }, report: null }]).html;
    expect(overview).toContain('<strong class="no">does not hold for these runs</strong>');
    expect(overview).toContain('2 of these verdicts of one seed, about these runs');
  });

  it('says of how many rows the figure is by which a variant is chosen', () => {
    const sweep = syntheticSweep();
    const section = (html: string): string => html.slice(html.indexOf('<h2 id="choices">')).split('</table>')[0] as string;
    const chosen = section(buildReport(sweep.results, sweep.trained).html);
    expect(chosen).toContain('<td class="number">40 to 400</td>');
    expect(chosen).toContain('<td class="number">–</td>'); // in results from before they were counted
    expect(chosen).toContain('the smaller ones say less');
    expect(section(report.html)).not.toContain('the smaller ones say less');
    // What the document does not say is not said of it.
    expect(chosen).toContain('the document does not say; as published');
    const choice = 'It picks <by> the test part.';
    expect(section(buildReport({ ...sweep.results, choice }, sweep.trained).html)).toContain(
      'It picks &lt;by&gt; the test part. The leak-free',
    );
    expect(section(report.html)).not.toContain('the document does not say'); // leak-free alone
  });

  it('says which leaks were found under which protocol, and nothing of it in results from before there was an audit', () => {
    const section = report.html.slice(report.html.indexOf('<h2 id="audit">'), report.html.indexOf('<h2 id="findings">'));
    expect(section).toContain('<strong>exact-duplicate</strong>');
    expect(section).toContain('title="duplicates in data sets"');
    expect(section).toContain('<td class="number">12</td><td class="number">3.0 %</td>');
    expect(section).toContain('test row 7, training row 3: Bagus &lt;b&gt;sekali&lt;/b&gt;!');
    expect(section).toContain('500 training and 388 test rows that count');
    expect(section).toContain('L3.1 temporal leakage: times were not given');
    const { audits, ...older } = results;
    expect(audits).toHaveLength(2);
    expect(buildReport(older, trained).html).not.toContain('id="audit"');
  });

  it('has a model info sheet: claims, data, splits, what each step learnt from, and an answer for every type of leak', () => {
    const sheet = report.html.slice(report.html.indexOf('<h2 id="info-sheet">'), report.html.indexOf('<h2 id="data">'));
    expect(sheet).toContain('Learns: <span>holds here</span>.');
    expect(sheet).toMatch(/<strong>leak-free<\/strong>: direction: bi · mask off scores \d+\.\d\d ± \d+\.\d\d macro F1 %, 95 % interval/);
    expect(sheet).toContain('chosen on the validation part');
    expect(sheet).toContain('500 training rows, 388 test rows that count');
    expect(sheet).toContain('<td>vocabulary</td><td>all &lt;texts&gt;</td><td>training texts</td>');
    expect(sheet).toContain('<td>cleaning</td><td>nothing</td><td>nothing</td>');
    expect(sheet.match(/<tr><td>L\d/g)).toHaveLength(8);
    expect(sheet).toContain('<strong class="no">exact-duplicate</strong>: 12 of 400 test texts');
    expect(sheet).toContain('not looked for: times were not given');
    expect(sheet).toContain('<span>looked for, none found</span>');
    const { audits: _audits, preprocessing: _preprocessing, ...older } = results;
    const old = buildReport(older, trained).html;
    expect(old).toContain('id="info-sheet"');
    expect(old).not.toContain('what each step learnt from');
    expect(old).not.toContain('Leakage by type');
  });

  it('gives every chart an id of its own and a place in the page', () => {
    expect(new Set(report.charts.map((c) => c.id)).size).toBe(report.charts.length);
    for (const c of report.charts) expect(report.html).toContain(`id="${c.id}"`);
  });

  it('says what the runs were made with, in a line where they agree and in a table where they do not', () => {
    expect(report.html).toContain('<p>All of them by A CPU, 2 cores, 16.0 GB, avx2, 2 threads; saraf 0.1.0, Node 20.20.0; 2026-11-22.</p>');
    const { machine, versions } = results;
    const one = { machine: { ...machine, threads: 1 }, versions: { ...versions, commit: 'a'.repeat(40) }, runs: 7, dates: ['2026-11-20T01:00:00.000Z', '2026-11-21T01:00:00.000Z'] as const }; // prettier-ignore
    const made = (runs: readonly RunOrigin[]): string => buildReport({ ...results, machine: { ...machine, runs } }, trained).html;
    const agreed = made([one]);
    expect(agreed).toContain('<p>All of them by A CPU, 2 cores, 16.0 GB, avx2, 1 thread; saraf 0.1.0, Node 20.20.0, commit aaaaaaaaaaaa; 2026-11-20 to 2026-11-21.</p>'); // prettier-ignore
    expect(agreed).toContain('<dd>avx2, 1 thread</dd>');
    expect(agreed).toContain('runs of 2026-11-20 to 2026-11-21');
    const differing = made([one, { machine, versions, runs: 5 }]);
    expect(differing).toContain('<a href="#made-with">2 combinations of machine, threads and code</a>');
    expect(differing).toContain('<td class="number">7</td><td>A CPU, 2 cores, 16.0 GB, avx2, 1 thread</td>');
    expect(differing).toContain('<td>saraf 0.1.0, Node 20.20.0</td><td>–</td>');
  });

  it('says at a reduced scale in every table with figures that none is comparable, and in none at another', () => {
    const tables = (html: string): number => (html.match(/<div class="scroll"/g) ?? []).length;
    const marks = (html: string): number => (html.match(/<p class="scale"><span>quick scale: all rows, 10 epochs; no figure is comparable<\/span><\/p><div class="scroll"/g) ?? []).length; // prettier-ignore
    const reduced = buildReport({ ...results, reduced: true }, trained).html;
    // What the document states, what it does not, and where the data come from are no figures.
    expect([marks(reduced), tables(reduced) - 3]).toEqual([tables(reduced) - 3, marks(reduced)]);
    expect(marks(reduced)).toBeGreaterThan(5);
    expect(marks(buildReport({ ...results, standIn: 'Scale quick: all rows, 10 epochs.' }, trained).html)).toBe(marks(reduced));
    for (const other of [report.html, buildReport({ ...results, reduced: false }, trained).html])
      expect(other).not.toContain('class="scale"');
    expect(buildReport({ ...results, reduced: true }, trained, [], 'id').html).toContain('<span>skala quick: all rows, 10 epochs; tidak ada angka yang dapat dibandingkan</span>'); // prettier-ignore
  });

  it('writes a model info sheet into the folder of each run: its own figures, data, steps and leaks', () => {
    const [cell] = results.cells;
    const id = cell?.runs[1]?.id ?? '';
    const standIn = results.cells.map((c) => (c.mask === 'off' && c.variant === 'uni' ? { ...c, comparable: 'stand-in' as const, standIn: 'made up' } : c)); // prettier-ignore
    const sheet = runSheet({ ...results, cells: standIn }, id) ?? '';
    expect(sheet).toMatch(
      /<strong>as published<\/strong>: direction: uni · mask off, seed 2, scores 16\.64 macro F1 % on 400 test rows; over 3 seeds \d/,
    );
    expect(sheet).toContain('The document prints 18.30, which this stand-in cannot be set against.');
    expect(sheet).toContain('Stand-in: uni: made up');
    expect(sheet).toContain('500 training rows, 388 test rows that count');
    expect(sheet).toContain('<td>vocabulary</td><td>all &lt;texts&gt;</td><td>training texts</td>');
    expect(sheet).toContain('<strong class="no">exact-duplicate</strong>: 12 of 400 test texts');
    expect(sheet).not.toMatch(/Learns|<script|mask on/);
    expect(runSheet({ ...results, reduced: true }, id, 'id')).toMatch(
      /<html lang="id">[^]*<h2 id="info-sheet">Lembar informasi model<[^]*tidak ada angka/,
    );
    expect(runSheet(results, 'another')).toBeNull();
    const leakFree = { ...results, cells: results.cells.filter((c) => c.protocol === 'leak-free') };
    expect(runSheet(leakFree, id)).not.toContain('exact-duplicate');

    const own = join(folder, 'runs', id);
    mkdirSync(own, { recursive: true });
    writeReport(folder, results, trained);
    expect(readFileSync(join(own, 'info.html'), 'utf8')).toBe(runSheet(results, id));
    expect(readdirSync(join(folder, 'runs'))).toEqual([id]);
    const stamp = statSync(join(own, 'info.html')).mtimeMs;
    writeReport(folder, results, trained);
    expect(statSync(join(own, 'info.html')).mtimeMs).toBe(stamp);
  });

  it('refers to nothing outside the file', () => {
    const own = report.html.replace(/<script>[\s\S]*?<\/script>/g, '');
    expect(own).not.toMatch(/(src|href)="https?:/);
  });
});

describePage('report', () => {
  const { results, trained } = syntheticResults('JPEG images instead of the original pixels.');
  return { path: writeReport(folder, results, trained), charts: buildReport(results, trained).charts };
});
