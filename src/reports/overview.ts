import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { EXPERIMENT_ID } from '../experiments/experiment.js';
import type { Results } from '../experiments/results.js';
import { writeFileAtomic } from '../files/atomic.js';
import { writeCharts } from './chart-files.js';
import { dumbbell, type DumbbellPoint } from './charts/dumbbell.js';
import { epochTimes, type EpochTime } from './charts/epoch-times.js';
import { leakEffects, type LeakEffect } from './charts/leak-effects.js';
import { epochGroups, epochSeconds, rowsTrained } from './epochs.js';
import type { Language } from './language/index.js';
import type { PlacedChart } from './page/document.js';
import {
  baselinesSection,
  claimsSection,
  documentsSection,
  experimentSection,
  leakSection,
  overviewHeader,
  provenanceSection,
  summarySection,
  type OverviewEntry,
} from './page/overview-sections.js';
import { costSection } from './page/cost-section.js';
import { withScale } from './page/sections.js';
import { sweepCharts } from './place-charts.js';
import { pageOf, type Report } from './report.js';
import { leakEffect, maskLabel, publishedRows, tableRows, type TableRow } from './rows.js';
import { slug } from '../files/slug.js';

export type { OverviewEntry } from './page/overview-sections.js';

function pointsOf(row: TableRow): DumbbellPoint[] {
  return (['reproduced', 'leak-free'] as const).flatMap((kind) => {
    const cell = kind === 'reproduced' ? row.reproduced : row.leakFree;
    if (cell === null) return [];
    const { mean: value, interval } = cell;
    return [{ variant: row.variant, kind, published: row.published, value, low: interval?.low ?? value, high: interval?.high ?? value }];
  });
}

/** A dumbbell chart per factor and mask setting. */
function dumbbells(results: Results): PlacedChart[] {
  const groups = new Map<string, TableRow[]>();
  for (const row of publishedRows(results)) {
    const key = JSON.stringify([row.factor, row.mask]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => {
    const [first] = rows;
    const points = rows.flatMap(pointsOf).filter((p) => Number.isFinite(p.value));
    if (!first || points.length === 0) return [];
    const title = results.factors.find((f) => f.name === first.factor)?.title ?? first.factor;
    const standIn = rows.some(({ reproduced, leakFree }) => [reproduced, leakFree].some((cell) => cell?.comparable === 'stand-in'));
    const subtitle = [maskLabel(first.mask), standIn ? 'stand-in' : ''].filter((s) => s !== '').join(' · ');
    const options = { title, metric: results.cells[0]?.metric ?? '', joined: !standIn };
    return [
      {
        id: slug('against', results.experiment, first.factor, maskLabel(first.mask)),
        spec: dumbbell(points, { ...options, ...(subtitle === '' ? {} : { subtitle }) }),
      },
    ];
  });
}

/**
 * The page over several experiments: every published figure beside its reproduction and the leak-free one, the documents' conclusions, what
 * the leaks are worth, what it cost, and where the data came from. Writes nothing.
 *
 * Throws: ERR_ARG without experiments.
 */
export function buildOverview(entries: readonly OverviewEntry[], language: Language = 'en'): Report {
  if (entries.length === 0) throw new SarafError('ERR_ARG', 'overview', 'expected the results of at least one experiment, received none');
  const own = new Map(
    entries.map(({ results }) => [
      results.experiment,
      [...dumbbells(results), ...results.factors.flatMap((f) => sweepCharts(results, f, results.experiment))],
    ]),
  );
  const effects = entries.flatMap(({ results }) =>
    tableRows(results.cells).flatMap((row): LeakEffect[] => {
      const found = leakEffect(results, row);
      const variant = [`${row.factor}: ${row.variant}`, maskLabel(row.mask)].filter((s) => s !== '').join(' · ');
      if (found === null || !Number.isFinite(found.effect)) return [];
      const [low, high] = found.interval ?? [found.effect, found.effect];
      return [{ experiment: results.experiment, variant, effect: found.effect, low, high }];
    }),
  );
  const times = entries.flatMap(({ results }): EpochTime[] => [
    ...epochGroups(results).flatMap(({ alike, cells }) =>
      cells.flatMap((c) =>
        epochSeconds([c]).map((seconds): EpochTime => ({
          experiment: results.experiment,
          variant: `${c.factor}: ${c.variant}`,
          where: alike === false ? 'here, other rows' : 'here',
          seconds,
          rows: rowsTrained(results, c),
        })),
      ),
    ),
    ...(results.publishedEpochSeconds ?? []).map((seconds): EpochTime => ({
      experiment: results.experiment,
      variant: 'as printed',
      where: 'document',
      seconds,
      rows: results.publishedEpochRows ?? null,
    })),
  ]);
  // Where every figure is the same under both protocols a chart has nothing to show.
  const leaks = effects.every(({ effect, low, high }) => effect === 0 && low === 0 && high === 0)
    ? []
    : [{ id: 'leak-effects', spec: leakEffects(effects, 'Effect of the leaks') }];
  const cost = times.length === 0 ? [] : [{ id: 'epoch-times', spec: epochTimes(times, 'Seconds of an epoch') }];
  const charts = [...[...own.values()].flat(), ...leaks, ...cost];
  const all = entries.map((x) => x.results);
  const body = `${overviewHeader(entries)}
<main>
${withScale(summarySection(entries), all)}
${entries.map((entry) => withScale(experimentSection(entry, own.get(entry.results.experiment) ?? []), [entry.results])).join('\n')}
${withScale([claimsSection(entries), leakSection(entries, leaks), baselinesSection(entries), costSection(entries, cost)].join('\n'), all)}
${documentsSection(entries)}
${provenanceSection(entries)}
</main>
<footer>Written by saraf. The numbers are in each experiment's results.json beside its report.</footer>`;
  return pageOf('Published experiments, run again', body, charts, language);
}

/** Writes overview.html and charts/*.vl.json into the folder that holds the experiments' folders; returns the page's path. */
export function writeOverview(outDir: string, entries: readonly OverviewEntry[], language: Language = 'en'): string {
  const path = join(outDir, 'overview.html');
  const { html, charts } = buildOverview(entries, language);
  writeCharts(outDir, charts);
  writeFileAtomic(path, html);
  return path;
}

/**
 * The results of every experiment that left its results.json under a folder.
 *
 * Throws: ERR_ARG if the folder is not there or has none, or has those of one experiment twice; ERR_FORMAT for a file that is no results.json.
 */
export function readResults(outDir: string): OverviewEntry[] {
  const names = existsSync(outDir) ? readdirSync(outDir).filter((name) => existsSync(join(outDir, name, 'results.json'))) : [];
  if (names.length === 0)
    throw new SarafError('ERR_ARG', 'report', `expected folders with results.json under ${outDir}, found none; run saraf reproduce first`);
  const entries = names.sort().map((name) => {
    const path = join(outDir, name, 'results.json');
    let results: Partial<Results> | null;
    try {
      results = JSON.parse(readFileSync(path, 'utf8')) as Partial<Results> | null;
    } catch (cause) {
      throw new SarafError('ERR_FORMAT', 'report', `expected JSON in ${path}; run the experiment again`, { cause });
    }
    const lists = LISTS.every((key) => Array.isArray(results?.[key]));
    if (!EXPERIMENT_ID.test(String(results?.experiment)) || !lists || results?.cells?.some((c) => !Array.isArray(c?.runs)))
      throw new SarafError('ERR_FORMAT', 'report', `expected the results of an experiment in ${path}; run it again`);
    return {
      results: results as Results,
      report: existsSync(join(outDir, name, 'report.html')) ? `${encodeURIComponent(name)}/report.html` : null,
    };
  });
  // Anchors, charts and files for papers go by the experiment's name.
  const folders = new Map<string, string>();
  for (const [i, { results }] of entries.entries()) {
    const [name, other] = [names[i] ?? '', folders.get(results.experiment)];
    if (other !== undefined)
      throw new SarafError('ERR_ARG', 'report', `expected the results of ${results.experiment} once, found them in ${join(outDir, other)} and ${join(outDir, name)}; move one elsewhere`); // prettier-ignore
    folders.set(results.experiment, name);
  }
  return entries;
}

/** What every results.json has. */
const LISTS = ['cells', 'factors', 'findings', 'seeds', 'repeats', 'data', 'baselines', 'protocols', 'choices'] as const;
