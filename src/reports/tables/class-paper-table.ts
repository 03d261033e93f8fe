import type { PrintedScores } from '../../experiments/printed.js';
import type { Results } from '../../experiments/results.js';
import { isSame, type ClassFigures, type ClassTable } from '../class-table.js';
import { label, type Language } from '../language/index.js';
import { cellStandIns, maskLabel, seedRange, seedsInWords } from '../rows.js';
import { inLanguage } from './in-language.js';
import type { PaperColumn, PaperTable, PaperValue } from './paper-table.js';

const SCORES = ['precision', 'recall', 'f1'] as const;
const HEADS = { precision: 'precision', recall: 'recall', f1: 'F1' } as const;

/** Support and scores; a class without a test row has none. `published`: what F1 is set against, undefined where nothing may be. */
function valuesOf(figures: ClassFigures | null, published: PrintedScores | null | undefined): PaperValue[] {
  const has = figures !== null && figures.support > 0;
  const difference = has && published?.f1 !== undefined ? figures.f1.mean - published.f1 : null;
  return [
    figures?.support ?? null,
    ...SCORES.map((score): PaperValue => (has ? [figures[score].mean, figures[score].std] : null)),
    ...(published === undefined ? [] : [difference]),
  ];
}

const WITHOUT_ROWS: Readonly<Record<Language, string>> = {
  en: 'A class without a test row has no scores and does not count in the macro average.',
  id: 'Kelas tanpa baris uji tidak mempunyai skor dan tidak dihitung dalam rata-rata makro.',
};

function captionOf(
  { experiment, scale }: Results,
  { factor, variant, mask, cells }: ClassTable,
  standIn: boolean,
  language: Language,
): string {
  const what = [`${factor}: ${variant}`, label(maskLabel(mask), language)].filter((s) => s !== '').join(', ');
  const [least, n] = seedRange(cells);
  if (language === 'id') {
    const over = n === 1 ? 'satu seed' : `rata-rata ± simpangan baku dari ${least === n ? n : `${least} sampai ${n}`} seed`;
    const marked = standIn ? ' Pengganti: tidak dapat dibandingkan dengan angka terpublikasi.' : '';
    return `${experiment}: skor setiap kelas dalam persen pada data uji, ${what}, ${over} (skala ${scale}).${marked}`;
  }
  const over = n === 1 ? 'one seed' : `mean ± standard deviation over ${seedsInWords(cells)}`;
  return `${experiment}: scores per class in percent on the test part, ${what}, ${over} (${scale} scale).${standIn ? ' Stand-in: not comparable with the published figures.' : ''}`;
}

/** A class table for papers: what is published, and each protocol that was run, or both at once where they give the same. */
export function classPaperTable(results: Results, classes: ClassTable, language: Language = 'en'): PaperTable {
  const { cells, rows, printed } = classes;
  const same = isSame(cells);
  const shown = (same ? cells.slice(0, 1) : cells).map((cell) => ({
    key: cell.protocol === 'published' ? ('reproduced' as const) : ('leakFree' as const),
    group: same ? 'both protocols' : cell.protocol === 'published' ? 'reproduced' : 'leak-free',
    differs: printed !== null && cell.comparable === 'yes',
  }));
  const grouped = printed !== null || shown.length > 1 || same;
  const columnsOf = ({ group, differs }: (typeof shown)[number]): PaperColumn[] =>
    [
      { head: 'support', kind: 'number', digits: 0 } as const,
      ...SCORES.map((score) => ({ head: HEADS[score], kind: 'score' }) as const),
      ...(differs ? [{ head: 'difference', kind: 'difference' } as const] : []),
    ].map((column) => (grouped ? { ...column, group } : column));
  const standIn = printed !== null && cells.some((c) => c.comparable === 'stand-in');
  return inLanguage(
    {
      subject: results.experiment,
      name: ['classes', classes.factor, maskLabel(classes.mask)].filter((s) => s !== '').join(' '),
      caption: captionOf(results, classes, standIn, language),
      columns: [
        { head: 'class', kind: 'text' },
        ...(printed ? SCORES.map((score): PaperColumn => ({ head: HEADS[score], kind: 'number', group: 'published' })) : []),
        ...shown.flatMap(columnsOf),
      ],
      rows: rows.map((row, k) => [
        k < classes.classes ? row.name : label(row.name, language),
        ...(printed ? SCORES.map((score) => row.published?.[score] ?? null) : []),
        ...shown.flatMap(({ key, differs }) => valuesOf(row[key], differs ? row.published : undefined)),
      ]),
      notes: [
        ...(rows.some((r) => r.reproduced?.support === 0 || r.leakFree?.support === 0) ? [WITHOUT_ROWS[language]] : []),
        ...(printed?.note === undefined ? [] : [printed.note]),
        ...(standIn ? [...(results.standIn === null ? [] : [results.standIn]), ...cellStandIns(cells)] : []),
      ],
    },
    language,
  );
}
