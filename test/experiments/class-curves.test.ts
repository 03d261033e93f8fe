import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { classCurves, curvesFile, readCurves } from '../../src/experiments/class-curves.js';
import { rocCurvesSpec } from '../../src/reports/charts/roc-curves.js';
import { chartTheme } from '../../src/reports/charts/spec.js';
import { expectError } from '../helpers/expect-error.js';
import { schemaErrors } from '../reports/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-roc-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('classCurves', () => {
  it('have a curve for each class that has rows in it and beside it', () => {
    const labels = [0, 1, 1, 0];
    const scores = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.6, 0.3, 0.1, 0.5, 0.4, 0.1];
    const curves = classCurves(labels, scores, ['a', 'b', 'c']);
    expect(curves.map((c) => [c.name, c.auc])).toEqual([
      ['a', 0.75],
      ['b', 0.75],
    ]);
    expect(curves[0]?.points[0]).toEqual([0, 0]);
    expect(curves[0]?.points.at(-1)).toEqual([1, 1]);
  });

  it('take one column as the score of the second class, and leave out rows that do not count', () => {
    const curves = classCurves([0, 1, 1], [0.2, 0.9, 0.1], ['no', 'yes']);
    expect(curves.map((c) => c.auc)).toEqual([0.5, 0.5]);
    const counted = classCurves([0, 1, 1], [0.2, 0.9, 0.1], ['no', 'yes'], Uint8Array.of(1, 1, 0));
    expect(counted.map((c) => c.auc)).toEqual([1, 1]);
    expect(classCurves([1, 1], [0.2, 0.9], ['no', 'yes'])).toEqual([]);
  });

  it('are thinned from end to end, the area staying exact', () => {
    const n = 1000;
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    const scores = Array.from({ length: n }, (_, i) => ((i * 7919) % n) / n + (i % 2) / 4);
    const [, yes] = classCurves(labels, scores, ['no', 'yes']);
    expect(yes?.points.length).toBeLessThanOrEqual(40);
    expect(yes?.points.at(-1)).toEqual([1, 1]);
    expect(yes?.auc).toBeGreaterThan(0.5);
  });

  it('come back from their file, and say which file is damaged', () => {
    const curves = { all: classCurves([0, 1, 1], [0.2, 0.9, 0.1], ['no', 'yes']) };
    expect(readCurves(folder)).toBeUndefined();
    const { name, text } = curvesFile(curves);
    writeFileSync(join(folder, name), text);
    expect(readCurves(folder)).toEqual(curves);
    writeFileSync(join(folder, name), text.slice(0, 20));
    expectError(() => readCurves(folder), 'ERR_FORMAT', 'roc.json');
  });
});

describe('rocCurvesSpec', () => {
  it('is a chart by the schema of Vega-Lite, of many classes with the smallest areas', () => {
    const curves = Array.from({ length: 9 }, (_, k) => ({ name: `class ${k}`, auc: 0.5 + k / 20, points: [[0, 0], [0.2, 0.8], [1, 1]] as [number, number][] })); // prettier-ignore
    const spec = rocCurvesSpec(curves, { title: 'bilstm', subtitle: 'leak-free' });
    expect(schemaErrors({ ...spec, config: chartTheme('light') })).toEqual([]);
    expect(JSON.stringify(spec)).toContain('the 7 smallest areas of 9');
    expect(JSON.stringify(spec)).toContain('class 0 0.500');
    expect(JSON.stringify(spec)).not.toContain('class 8');
    expectError(() => rocCurvesSpec([]), 'ERR_DATA', '[rocCurves]');
  });
});
