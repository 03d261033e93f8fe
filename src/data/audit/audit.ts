import { SarafError } from '../../errors.js';
import { labelValues } from '../balance/labels.js';
import { LEAK_KINDS, LEAK_TYPES, type LeakFinding, type LeakType } from './finding.js';
import { checkFitted, type FittedOnTexts } from './fitted-check.js';
import { checkLabels } from './label-shift.js';
import { checkSides, rowsOfPart, type AuditPart } from './part.js';
import { checkGroups, checkImages, checkSources, checkTimes } from './row-checks.js';
import { checkTestSet, checkTexts } from './text-checks.js';

/** Both sides of a split, and what was fitted on texts. */
export interface AuditedSplit {
  readonly train: AuditPart;
  readonly test: AuditPart;
  /** A pipeline, vectorizer or tokenizer that should have learnt from the training texts alone. */
  readonly fitted?: FittedOnTexts;
  /** Height, width, channels of the images. */
  readonly imageShape?: readonly [number, number, number];
}

export interface AuditOptions {
  /** Most examples of each finding. Default 10. */
  examples?: number;
  /** Share of common words from which two texts are near-duplicates: (0,1]. Default 0.5. */
  threshold?: number;
  /** Label shift is a finding if its p-value is below. Default 0.01. */
  alpha?: number;
}

/** A type of leakage that these data could not show. */
export interface NotChecked {
  readonly leakType: LeakType;
  readonly title: string;
  readonly why: string;
}

export interface Audit {
  readonly rows: { readonly train: number; readonly test: number };
  /** The most serious first; empty if none was found. */
  readonly findings: readonly LeakFinding[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * Looks for leaks between the two sides of a split, named by the eight types of Kapoor and Narayanan (2023): equal and nearly equal texts,
 * pictures, copies made before the split, vocabularies that know test words, groups and times that cross, classes in other proportions.
 *
 * It can show that there is a leak, never that there is none: what it could not look at is in `notChecked`.
 * Throws: ERR_ARG for sides that are swapped or lack what the other has; ERR_DATA for lists of different lengths or no training rows.
 * Source: Kapoor and Narayanan 2023, Patterns 4(9).
 * Example: `audit({ train: { texts, labels }, test: { texts: testTexts, labels: testLabels }, fitted: pipeline }).findings`
 */
export function audit(split: AuditedSplit, options: AuditOptions = {}): Audit {
  const { examples = 10, threshold = 0.5, alpha = 0.01 } = options;
  if (!(examples >= 0)) throw new SarafError('ERR_ARG', 'audit', `expected examples to be a number of at least 0, received ${examples}`);
  const { train, test, fitted, imageShape } = split;
  const rows = { train: rowsOfPart(train, 'train'), test: rowsOfPart(test, 'test') };
  checkSides(train, test);
  if (rows.train === 0) throw new SarafError('ERR_DATA', 'audit', 'expected at least one training row, received none');
  const findings: LeakFinding[] = [];
  const notChecked = new Map<LeakType, string>([['L2', 'whether a feature may be used is for a person to judge']]);
  const without = (leakType: LeakType, why: string): void => void notChecked.set(leakType, why);
  const labels = train.labels && test.labels && { train: labelValues('audit', train.labels), test: labelValues('audit', test.labels) };

  if (rows.test === 0) {
    const message = 'There is no test row.';
    findings.push({ kind: 'no-test-set', leakType: 'L1.1', count: 0, of: 0, message, examples: [] });
    for (const leakType of Object.keys(LEAK_TYPES) as LeakType[])
      if (leakType !== 'L1.1' && leakType !== 'L2') without(leakType, 'there is no test row');
    return { rows, findings, notChecked: named(notChecked) };
  }
  if (train.texts && test.texts) {
    findings.push(...checkTestSet({ train: train.texts, test: test.texts }, examples));
    const texts = checkTexts({ train: train.texts, test: test.texts, labels: labels ?? null }, threshold, examples);
    findings.push(...texts.findings);
    if (texts.givenUp > 0) without('L1.4', `near-copies of ${texts.givenUp} test texts: too many training texts are a little like them`);
  }
  if (train.images && test.images) {
    if (!imageShape) throw new SarafError('ERR_ARG', 'audit', 'expected imageShape with images: [height, width, channels]');
    findings.push(...checkImages(train.images, test.images, imageShape, examples));
  }
  if (!train.texts && !train.images) without('L1.4', 'texts or images were not given');
  if (train.sources && test.sources) findings.push(...checkSources(train.sources, test.sources, examples));
  if (fitted) {
    if (!train.texts || !test.texts) throw new SarafError('ERR_ARG', 'audit', 'expected texts of both sides with fitted, received none');
    findings.push(...checkFitted(fitted, train.texts, test.texts, examples));
  } else {
    if (!train.sources) without('L1.2', 'what was fitted on texts, and which row each copy is of, were not given');
    without('L1.3', 'what was fitted on texts was not given');
  }
  if (train.times && test.times) findings.push(...checkTimes(train, test, examples));
  else without('L3.1', 'times were not given');
  if (train.groups && test.groups) findings.push(...checkGroups(train.groups, test.groups, examples));
  else without('L3.2', 'groups were not given');
  if (labels) findings.push(...checkLabels(labels.train, labels.test, alpha));
  else without('L3.3', 'labels were not given');
  findings.sort((a, b) => LEAK_KINDS.indexOf(a.kind) - LEAK_KINDS.indexOf(b.kind));
  return { rows, findings, notChecked: named(notChecked) };
}

function named(notChecked: ReadonlyMap<LeakType, string>): NotChecked[] {
  return [...notChecked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([leakType, why]) => ({ leakType, title: LEAK_TYPES[leakType], why }));
}
