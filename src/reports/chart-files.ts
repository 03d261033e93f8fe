import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { makeFolder } from '../files/make-folder.js';
import { chartTheme, isChartFile, VEGA_SCHEMA, type ChartSpec } from './charts/spec.js';
import type { PlacedChart } from './page/document.js';

const folderOf = (pageFolder: string): string => join(pageFolder, 'charts');
const fileOf = ({ id, spec }: PlacedChart): string => `${id}.${spec['$schema'] === VEGA_SCHEMA ? 'vg' : 'vl'}.json`;

/** Writes charts/*.vl.json (.vg.json: Vega) beside a page, replacing those of an earlier one. */
export function writeCharts(pageFolder: string, charts: readonly PlacedChart[]): void {
  const folder = folderOf(pageFolder);
  makeFolder(folder);
  const names = new Set(charts.map(fileOf));
  for (const c of charts)
    writeFileAtomic(join(folder, fileOf(c)), toJsonText({ ...c.spec, config: chartTheme('light'), background: 'white' }));
  for (const name of readdirSync(folder)) if (isChartFile(name) && !names.has(name)) rmSync(join(folder, name));
}

/** The charts that were left beside a page; none where no page was written. Throws ERR_FORMAT for one that is damaged. */
export function readCharts(pageFolder: string): PlacedChart[] {
  const folder = folderOf(pageFolder);
  const names = existsSync(folder) ? readdirSync(folder).filter(isChartFile) : [];
  return names.map((name) => {
    try {
      const spec = JSON.parse(readFileSync(join(folder, name), 'utf8')) as ChartSpec;
      return { id: name.replace(/\.v[lg]\.json$/, ''), spec };
    } catch (cause) {
      throw new SarafError('ERR_FORMAT', 'report', `expected JSON in ${join(folder, name)}; run the experiment again`, { cause });
    }
  });
}
