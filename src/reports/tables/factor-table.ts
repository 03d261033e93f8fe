import type { CellResult, Results } from '../../experiments/results.js';
import { label, type Language } from '../language/index.js';
import { cellStandIns, comparability, seedRange, seedsInWords, tableRows } from '../rows.js';
import { scaleInWords } from '../scale.js';
import { inLanguage } from './in-language.js';
import type { PaperColumn, PaperTable, PaperValue } from './paper-table.js';

interface Named {
  readonly name: string;
  readonly title: string;
}

/** What a factor's table shows, in a sentence, and whether its figures may be set beside the published ones. */
function captionOf(results: Results, { title }: Named, cells: readonly CellResult[], language: Language): string {
  const [least, n] = seedRange(cells);
  const metric = cells[0]?.metric ?? '';
  const standIns = cells.filter((c) => c.comparable === 'stand-in').length;
  if (language === 'id') {
    const over = n === 1 ? 'satu seed' : `rata-rata ± simpangan baku dari ${least === n ? n : `${least} sampai ${n}`} seed`;
    const marked = standIns === cells.length ? 'Pengganti' : 'Baris bertanda pengganti';
    const standIn = standIns === 0 ? '' : ` ${marked}: tidak dapat dibandingkan dengan angka terpublikasi.`;
    return `${title}: ${label(metric, language)} pada data uji, ${over} (${scaleInWords([results], language)}).${standIn}`;
  }
  const over = n === 1 ? 'one seed' : `mean ± standard deviation over ${seedsInWords(cells)}`;
  const marked = standIns === cells.length ? 'Stand-in' : 'Rows marked stand-in';
  const standIn = standIns === 0 ? '' : ` ${marked}: not comparable with the published figures.`;
  return `${title}: ${metric} on the test part, ${over} (${scaleInWords([results], language)}).${standIn}`;
}

const scoreOf = (cell: CellResult | null): PaperValue => (cell === null ? null : [cell.mean, cell.std]);
const intervalOf = (cell: CellResult | null): PaperValue => (cell?.interval ? [cell.interval.low, cell.interval.high] : null);

/** A factor's table: published, and both protocols with their 95 % intervals, each row marked where any is a stand-in. */
export function factorTable(results: Results, factor: Named, language: Language = 'en'): PaperTable {
  const cells = results.cells.filter((c) => c.factor === factor.name);
  const rows = tableRows(cells);
  const masked = rows.some((r) => r.mask !== null);
  const printed = rows.some((r) => r.published !== null);
  const repeated = rows.some((r) => r.reproduced !== null);
  const marked = printed && cells.some((c) => c.comparable === 'stand-in');
  const interval: PaperColumn = { head: '95 % interval', kind: 'interval' };
  return inLanguage(
    {
      subject: results.experiment,
      name: factor.name,
      caption: captionOf(results, factor, cells, language),
      columns: [
        { head: 'variant', kind: 'text' },
        ...(masked ? [{ head: 'mask', kind: 'text' } as const] : []),
        ...(printed ? [{ head: 'published', kind: 'number' } as const] : []),
        ...(repeated ? [{ head: 'reproduced', kind: 'score' } as const, interval] : []),
        { head: repeated ? 'leak-free' : 'score', kind: 'score' },
        interval,
        ...(marked ? [{ head: 'comparable', kind: 'label' } as const] : []),
      ],
      rows: rows.map((r) => [
        r.variant,
        ...(masked ? [r.mask] : []),
        ...(printed ? [r.published] : []),
        ...(repeated ? [scoreOf(r.reproduced), intervalOf(r.reproduced)] : []),
        scoreOf(r.leakFree),
        intervalOf(r.leakFree),
        ...(marked ? [comparability(r)] : []),
      ]),
      notes: marked ? [...(results.standIn === null ? [] : [results.standIn]), ...cellStandIns(cells)] : [],
    },
    language,
  );
}
