import type { SearchResult } from '../../search/search-result.js';
import { Chart } from './chart.js';
import { confusionMatrixSpec, type ConfusionMatrixOptions } from './confusion-matrix.js';
import type { FrameLike } from '../../data/frame.js';
import type { Table } from '../../data/table.js';
import { classProportionsSpec } from './eda/class-proportions.js';
import { textLengthsSpec } from './eda/text-lengths.js';
import { wordCloudSpec, type WordCloudOptions } from './eda/word-cloud.js';
import { wordFrequenciesSpec, type WordFrequenciesOptions } from './eda/word-frequencies.js';
import type { GradientNorms } from '../../experiments/equations/index.js';
import { gradientNormsSpec } from './gradient-norms.js';
import { parallelCoordinates as parallelCoordinatesSpec, type ParallelCoordinatesOptions } from './parallel-coordinates.js';
import { wordMapSpec, type WordMapOptions } from './word-map.js';
import { lossCurves, type LossCurvesOptions, type LossSeries } from './loss-curves.js';

export { Chart } from './chart.js';
export type { ChartSpec } from './spec.js';
export type { ConfusionMatrixOptions } from './confusion-matrix.js';
export type { ParallelCoordinatesOptions } from './parallel-coordinates.js';
export type { LossCurvesOptions, LossSeries } from './loss-curves.js';
export type { WordMapOptions } from './word-map.js';
export type { WordCloudOptions } from './eda/word-cloud.js';
export type { WordFrequenciesOptions } from './eda/word-frequencies.js';

/** A `History` of `fit`, or the plain record inside it. */
export type HistoryLike = Readonly<Record<string, readonly number[]>> | { readonly history: Readonly<Record<string, readonly number[]>> };

function recordOf(history: HistoryLike): Readonly<Record<string, readonly number[]>> {
  const inner = (history as { history?: unknown }).history;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as Readonly<Record<string, readonly number[]>>)
    : (history as Readonly<Record<string, readonly number[]>>);
}

/**
 * Training and validation loss per epoch. Several histories of one model (one per seed) become a band.
 *
 * Throws: ERR_DATA if the history holds no finite value.
 * Example: `charts.lossCurve(await model.fit(x, y, { epochs: 10, validationSplit: 0.2 }))`
 */
export function lossCurve(history: HistoryLike | readonly HistoryLike[], options: Partial<LossCurvesOptions> = {}): Chart {
  const histories = (Array.isArray(history) ? history : [history]) as readonly HistoryLike[];
  const series: LossSeries[] = [{ name: 'model', histories: histories.map(recordOf) }];
  return new Chart(lossCurves(series, { title: `${options.metric ?? 'Loss'} per epoch`, ...options }));
}

/**
 * Heat map of counts, a row per true class.
 *
 * Shapes: matrix (K,K) as nested arrays, labels K.
 * Example: `charts.confusionMatrix([[9, 1], [2, 8]], ['no', 'yes'])`
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  labels: readonly string[],
  options: ConfusionMatrixOptions = {},
): Chart {
  return new Chart(confusionMatrixSpec(matrix, labels, { title: 'Confusion matrix', ...options }));
}

/**
 * How many rows each class has, and which share of all that is.
 *
 * Throws: ERR_DATA for a table without rows or a row without class, named.
 * Example: `charts.classProportions(table, 'label')`
 */
export function classProportions(source: Table | FrameLike, label: string, options: { readonly title?: string } = {}): Chart {
  return new Chart(classProportionsSpec(source, label, options.title ?? 'Classes'));
}

/**
 * Histogram of words per text (by white space), by class where a column of classes is named. Missing texts are left out.
 *
 * Throws: ERR_DATA for a column without texts.
 * Example: `charts.textLengths(table, 'text', { label: 'label' })`
 */
export function textLengths(
  source: Table | FrameLike,
  text: string,
  options: { readonly title?: string; readonly label?: string } = {},
): Chart {
  return new Chart(textLengthsSpec(source, text, options.label, options.title ?? 'Length of the texts'));
}

/**
 * The most frequent words, Indonesian stop words left out unless told otherwise, by class where a column of classes is named.
 *
 * Throws: ERR_DATA for a column without texts, or if no word is left.
 * Example: `charts.wordFrequencies(table, 'text', { label: 'label', top: 15 })`
 */
export function wordFrequencies(source: Table | FrameLike, text: string, options: WordFrequenciesOptions = {}): Chart {
  return new Chart(wordFrequenciesSpec(source, text, options));
}

/**
 * A word cloud per class, laid out by Vega: the larger a word, the more frequent. A specification of Vega, not of Vega-Lite.
 *
 * Throws: ERR_DATA for a column without texts, or if no word is left.
 * Example: `tslab.display.html(await charts.wordCloud(table, 'text', { label: 'label' }).toHTML(960))`
 */
export function wordCloud(source: Table | FrameLike, text: string, options: WordCloudOptions = {}): Chart {
  return new Chart(wordCloudSpec(source, text, options));
}

/**
 * The choices of a search as lines through the values of their parameters to their score.
 *
 * Throws: ERR_DATA if no choice has a finite score.
 * Example: `charts.parallelCoordinates(await search(x, y, { … }))`
 */
export function parallelCoordinates(found: SearchResult, options: ParallelCoordinatesOptions = {}): Chart {
  return new Chart(parallelCoordinatesSpec(found, options));
}

/**
 * Words where `projectWords` put them, near to those that are alike.
 *
 * Throws: ERR_DATA for a table of something else; ERR_ARG if there are not as many groups as words.
 * Example: `charts.wordMap(await projectWords(vectors), { title: 'CLICK-ID' })`
 */
export function wordMap(points: Table, options: WordMapOptions = {}): Chart {
  return new Chart(wordMapSpec(points, options));
}

/**
 * How strongly the last state of a recurrent layer depends on each step: what `gradientNorms` found, on a logarithmic axis.
 *
 * Throws: ERR_DATA if there is nothing to show.
 * Example: `charts.gradientNorms(gradientNorms({ radii: [0.8, 1, 1.2] }))`
 */
export function gradientNorms(found: readonly GradientNorms[], options: { readonly title?: string } = {}): Chart {
  return new Chart(gradientNormsSpec(found, options.title ?? 'Gradient through the steps'));
}
