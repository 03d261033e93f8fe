import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { saraf } from '../cli/capture.js';
import { buildEquations, writeEquations } from '../../src/reports/equations.js';
import { gradientNormsSpec } from '../../src/reports/charts/gradient-norms.js';
import { chartTheme } from '../../src/reports/charts/spec.js';
import { expectError } from '../helpers/expect-error.js';
import { describePage } from './page-in-browser.js';
import { schemaErrors } from './schema.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-equations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the sheet of equations', () => {
  const { html, charts } = buildEquations();

  it('marks the digits that differ, and says why', () => {
    expect(html).toContain('<strong class="no">0.599</strong>');
    expect(html).toContain('<strong class="no">0.846</strong>');
    expect(html).toContain('The sixth is a slip');
    expect(html).toContain('<span class="yes">agree</span>');
    expect(html).toContain('<h2 id="findings">');
  });

  it('draws the gradients by the schema of Vega-Lite', () => {
    expect(charts.map((c) => c.id)).toEqual(['gradient-norms']);
    for (const chart of charts) expect(schemaErrors({ ...chart.spec, config: chartTheme('light') })).toEqual([]);
  });

  it('refuses a chart of nothing', () => {
    expectError(() => gradientNormsSpec([{ cell: 'GRU', radius: 1, norms: [0, NaN] }], 'none'), 'ERR_DATA', '[gradientNorms]');
  });

  it('comes from the command line, as a page or as JSON', async () => {
    const out = join(folder, 'pages', 'equations.html');
    const page = await saraf(['equations', '--out', out]);
    expect(page).toMatchObject({ code: 0, err: '' });
    expect(page.out).toMatch(/forget gate.*1 of 6 differ/);
    expect(readFileSync(out, 'utf8')).toContain('Equations, worked');
    const json = await saraf(['equations', '--json', '--out', join(folder, 'none.html')]);
    expect((JSON.parse(json.out) as { examples: unknown[] }).examples.length).toBeGreaterThan(10);
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });
});

describePage(
  'equations',
  () => {
    const path = join(folder, 'equations.html');
    const report = buildEquations();
    writeEquations(path, report);
    return { path, charts: report.charts };
  },
  async (page) => {
    const lines = await page.$eval('#gradient-norms svg', (svg) => svg.querySelectorAll('.mark-line path').length);
    expect(lines).toBeGreaterThanOrEqual(6);
  },
);
