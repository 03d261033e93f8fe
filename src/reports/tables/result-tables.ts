import type { Results } from '../../experiments/results.js';
import { label, type Language } from '../language/index.js';
import { leakEffect, tableRows } from '../rows.js';
import { scaleInWords } from '../scale.js';
import { claimVerdict, comparisonVerdict } from '../verdicts.js';
import { inLanguage } from './in-language.js';
import type { PaperColumn, PaperTable, PaperValue } from './paper-table.js';

/** A table over the results of one experiment or several, which then have a column for their name; null without rows. */
type Builder = (all: readonly Results[], language?: Language) => PaperTable | null;

interface Parts {
  readonly name: string;
  readonly caption: Readonly<Record<Language, string>>;
  readonly columns: readonly PaperColumn[];
  rows(results: Results): readonly (readonly PaperValue[])[];
}

/** Where several experiments stand in one table. */
const OVERVIEW = 'overview';

function tableOf(all: readonly Results[], language: Language, { name, caption, columns, rows }: Parts): PaperTable | null {
  const [first] = all;
  const alone = all.length === 1;
  const body = all.flatMap((results) => rows(results).map((row) => (alone ? row : [results.experiment, ...row])));
  if (!first || body.length === 0) return null;
  const heads = alone ? columns : [text('experiment'), ...columns];
  // Without padding there is no mask to speak of.
  const used = heads.map((_, i) => body.some((row) => row[i] !== null));
  return inLanguage(
    {
      subject: alone ? first.experiment : OVERVIEW,
      name,
      caption: `${alone ? `${first.experiment}: ` : ''}${caption[language]} (${scaleInWords(all, language)}).`,
      columns: heads.filter((_, i) => used[i]),
      rows: body.map((row) => row.filter((_, i) => used[i])),
    },
    language,
  );
}

const text = (head: string): PaperColumn => ({ head, kind: 'text' });
const words = (head: string): PaperColumn => ({ head, kind: 'label' });
const prose = (head: string): PaperColumn => ({ head, kind: 'prose' });

/** What scores without a network. */
export const baselinesTable: Builder = (all, language = 'en') =>
  tableOf(all, language, {
    name: 'baselines',
    caption: {
      en: 'Baselines without a network, on the test part',
      id: `${label('Baselines without a network', 'id')}, pada data uji`,
    },
    columns: [text('variants'), text('baseline'), words('protocol'), words('metric'), { head: 'score', kind: 'number' }, prose('how')],
    rows: ({ baselines, cells }) => baselines.map((b) => [b.set ?? null, b.name, b.protocol, cells[0]?.metric ?? '', b.value, b.note]),
  });

/** The best variant of each factor against the others. */
export const comparisonsTable: Builder = (all, language = 'en') =>
  tableOf(all, language, {
    name: 'comparisons',
    caption: {
      en: 'The best variant against the others: difference and 95 % interval of a paired bootstrap over test rows, and over seeds where several were run',
      id: 'Varian terbaik terhadap yang lain: selisih dan interval 95 % dari bootstrap berpasangan atas baris uji, dan atas seed bila lebih dari satu',
    },
    columns: [
      text('factor'),
      text('mask'),
      words('protocol'),
      text('best'),
      text('other'),
      { head: 'higher by', kind: 'difference' },
      { head: '95 % interval', kind: 'interval' },
      words('better?'),
    ],
    rows: ({ comparisons = [], cells }) =>
      comparisons.map((c) => [c.factor, c.mask, c.protocol, c.best, c.other, c.difference, [c.low, c.high], comparisonVerdict(c, cells).label]), // prettier-ignore
  });

/** What the document concludes, and whether it came out here. */
export const claimsTable: Builder = (all, language = 'en') =>
  tableOf(all, language, {
    name: 'claims',
    caption: { en: 'What the document concludes, and whether it holds here', id: 'Kesimpulan dokumen, dan apakah terbukti di sini' },
    columns: [prose('claim'), words('verdict'), prose('what was seen')],
    rows: ({ findings, cells }) =>
      findings.filter((f) => f.kind === 'computed').map((f) => [f.title, claimVerdict(f, cells).label, f.text]),
  });

/** What each variant scores under both protocols, and the difference: how much the leaks are worth. */
export const leaksTable: Builder = (all, language = 'en') =>
  tableOf(all, language, {
    name: 'leak-effects',
    caption: {
      en: 'Effect of the leaks: the published protocol less the leak-free one, in points, at equal masking',
      id: 'Pengaruh kebocoran: protokol publikasi dikurangi bebas kebocoran, dalam poin, pada masking yang sama',
    },
    columns: [
      text('factor'),
      text('variant'),
      text('mask'),
      words('metric'),
      { head: 'as published', kind: 'score' },
      { head: 'leak-free', kind: 'score' },
      { head: 'effect of the leak', kind: 'difference' },
      { head: '95 % interval', kind: 'interval' },
    ],
    rows: (results) =>
      tableRows(results.cells).flatMap((row) => {
        const { reproduced, leakFree } = row;
        if (reproduced === null || leakFree === null) return [];
        const { factor, variant, mask } = row;
        const found = leakEffect(results, row);
        return [[factor, variant, mask, reproduced.metric, [reproduced.mean, reproduced.std], [leakFree.mean, leakFree.std], found?.effect ?? null, found?.interval ?? null]]; // prettier-ignore
      }),
  });

/** Every table that is not of a factor. */
export const RESULT_TABLES: readonly Builder[] = [baselinesTable, comparisonsTable, claimsTable, leaksTable];
