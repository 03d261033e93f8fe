import { csvBatches, readCsv } from '../../src/data/csv.js';
import { TextPipeline } from '../../src/text/pipeline/text-pipeline.js';
import { corpusOutputs, csvOutputs, LEARNT, LENGTH, type CorpusShape, type CsvShape, type IngestInputs } from '../suites/ingest.js';
import type { Job } from '../suites/suite.js';
import { NotAvailable } from './contender.js';

/** Batch by batch, as a file larger than memory would be; the first texts teach the vocabulary. */
function corpus({ files, column, encoding, words }: CorpusShape, paths: readonly string[]): Job {
  let ms = 0;
  const work = async (keep: (ids: Int32Array, texts: readonly string[]) => void): Promise<void> => {
    const started = performance.now();
    const pipeline = new TextPipeline({
      steps: ['casefold', 'clean', 'stopwords', 'stem', { step: 'vectorize', outputSequenceLength: LENGTH }],
    });
    let waiting: string[] = [];
    const learn = (): void => {
      pipeline.fit(waiting.slice(0, LEARNT));
      give(waiting);
      waiting = [];
    };
    const give = (texts: readonly string[]): void => keep(pipeline.transform(texts).data() as Int32Array, texts);
    for (const path of paths) {
      for await (const batch of csvBatches(path, { columns: [column], ...(encoding ? { encoding } : {}) })) {
        const texts = batch.strings(column);
        if (pipeline.fitted) give(texts);
        else if (waiting.push(...texts) >= LEARNT) learn();
      }
    }
    if (!pipeline.fitted) learn();
    ms = performance.now() - started;
  };
  return {
    async check() {
      const ids: Int32Array[] = [];
      let texts = 0;
      let counted = 0;
      await work((part, from) => {
        ids.push(part);
        texts += from.length;
        for (const text of from) counted += text.split(/\s+/).filter((word) => word !== '').length;
      });
      return corpusOutputs(ids, texts, counted);
    },
    run: () => work(() => {}),
    note: () => `${Math.round(words / ms)} thousand words/s, ${files.length} file(s), one thread`,
  };
}

function csv({ columns, rows }: CsvShape, path: string): Job {
  let ms = 0;
  const read = async (): Promise<(name: string) => readonly unknown[]> => {
    const started = performance.now();
    const table = await readCsv(path);
    const values = new Map<string, readonly unknown[]>(columns.map((name) => [name, table.column(name)]));
    ms = performance.now() - started;
    return (name) => values.get(name) ?? [];
  };
  return {
    check: async () => csvOutputs(columns, await read()),
    run: async () => void (await read()),
    note: () => `${(rows / ms / 1000).toFixed(2)} million rows/s, one thread`,
  };
}

/** Files into tables and texts into numbers, by what users call. */
export function sarafIngest({ shape, files }: IngestInputs): Job {
  if (files === null) throw new NotAvailable('its files are not below SARAF_DATA; point it at a copy of the data sets');
  return shape.kind === 'csv' ? csv(shape, files[0] as string) : corpus(shape, files);
}
