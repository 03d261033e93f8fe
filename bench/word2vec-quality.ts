// How good vectors are, saraf's beside gensim's: loss on unseen articles, and accuracy of a logistic regression on averaged vectors.
//   SARAF_DATA=… npx tsx bench/word2vec-quality.ts [--articles 4000] [--seeds 5] [--skip-gram]
// Everybody learns from the same CLICK-ID articles with the published program's options; both are judged by the same code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadNusax } from '../src/data/nusax.js';
import { loadTable } from '../src/data/load-table.js';
import { packTable, paddedColumns, tableIndex } from '../src/embeddings/tables.js';
import { countWords, type WordCounts } from '../src/embeddings/word-counts.js';
import { cleanText, encodeLabels, layers, optimizers, Sequential, setSeed, tensor, Word2Vec, type Tensor } from '../src/index.js';
import { findPython } from './contenders/python/find-python.js';

const { values: flags } = parseArgs({
  options: { articles: { type: 'string' }, seeds: { type: 'string' }, 'skip-gram': { type: 'boolean' } },
});
const SIZE = 100;
const UNSEEN = 300;
const mode = flags['skip-gram'] === true ? 'skipGram' : 'cbow';
const seeds = Array.from({ length: Number(flags.seeds ?? 5) }, (_, i) => i + 1);
const options = { dataDir: process.env['SARAF_DATA'] };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Sentences = readonly (readonly string[])[];
interface Side {
  readonly words: Sentences;
  readonly labels: Tensor;
}
interface Task {
  readonly name: string;
  readonly classes: number;
  readonly train: Side;
  readonly test: Side;
}
/** What `Word2Vec` holds after `fit`; the tables as tables.ts has them. */
interface Trained {
  readonly vocabulary: WordCounts;
  readonly input: Float32Array;
  readonly output: Float32Array;
}

const wordsOf = (texts: readonly string[]): Sentences => texts.map((text) => cleanText(text).split(/\s+/).filter((word) => word !== '')); // prettier-ignore

function taskOf(name: string, [train, test]: readonly [readonly string[], readonly string[]][]): Task {
  const classes = [...new Set(train?.[1])].sort();
  const side = ([texts, labels]: readonly [readonly string[], readonly string[]] = [[], []]): Side => ({
    words: wordsOf(texts),
    labels: encodeLabels(labels, { classes }).labels,
  });
  return { name, classes: classes.length, train: side(train), test: side(test) };
}

function averaged({ vocabulary, input }: Trained, texts: Sentences): Tensor {
  const means = new Float32Array(texts.length * SIZE);
  const at = tableIndex(vocabulary.words.length, paddedColumns(SIZE));
  texts.forEach((words, row) => {
    const known = words.map((word) => vocabulary.index.get(word)).filter((i) => i !== undefined);
    for (const i of known)
      for (let d = 0; d < SIZE; ++d) means[row * SIZE + d] = (means[row * SIZE + d] as number) + (input[at(i, d)] as number) / known.length;
  });
  return tensor(means, [texts.length, SIZE]);
}

async function accuracy(trained: Trained, { classes, train, test }: Task): Promise<number> {
  setSeed(0);
  const model = new Sequential([layers.dense({ units: classes, activation: 'softmax', inputShape: [SIZE] })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(averaged(trained, train.words), train.labels, { epochs: 60, batchSize: 64, verbose: 0 });
  const logs = await model.evaluate(averaged(trained, test.words), test.labels);
  return 100 * (logs['accuracy'] as number);
}

const { table } = await loadTable('clickid', 'scope3_train.csv.gz', options);
const { table: testTable } = await loadTable('clickid', 'scope3_test.csv.gz', options);
const nusax = await loadNusax('indonesian', options);
const both = (t: typeof table): [readonly string[], readonly string[]] => [t.strings('text'), t.strings('label')];
const tasks = [taskOf('CLICK-ID', [both(table), both(testTable)]), taskOf('NusaX', [both(nusax.train), both(nusax.test)])];
const sentences = (tasks[0] as Task).train.words.slice(0, Number(flags.articles ?? table.rows));
const unseen = (tasks[0] as Task).test.words.slice(0, UNSEEN);
const { vocabulary } = countWords('word2vec-quality', sentences, 5);
say(
  `${mode}, ${sentences.length} articles of ${sentences.reduce((n, s) => n + s.length, 0)} words, ${vocabulary.words.length} of them known`,
);

async function judge(who: string, fitted: (seed: number) => Promise<{ model: Word2Vec; trained: Trained }>): Promise<void> {
  const rows: number[][] = [];
  for (const seed of seeds) {
    const { model, trained } = await fitted(seed);
    rows.push([model.loss(unseen), await accuracy(trained, tasks[0] as Task), await accuracy(trained, tasks[1] as Task)]);
  }
  const spread = (column: number, digits: number): string => {
    const values = rows.map((row) => row[column] as number);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length - 1));
    return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
  };
  say(
    `${who}: loss on unseen articles ${spread(0, 4)}, accuracy ${tasks.map(({ name }, i) => `${name} ${spread(i + 1, 1)} %`).join(', ')}`,
  );
}

// The class keeps its tables to itself; to judge others' by the same loss they are put in their place.
const inside = (model: Word2Vec): { trained: Trained } => model as unknown as { trained: Trained };
await judge('saraf', async (seed) => {
  const model = new Word2Vec({ mode, vectorSize: SIZE, seed });
  await model.fit(sentences, { verbose: 0 });
  return { model, trained: inside(model).trained };
});

const found = findPython({ name: 'gensim', title: 'gensim' });
if ('unavailable' in found) say(`gensim: not available. ${found.unavailable}`);
else {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-word2vec-'));
  try {
    writeFileSync(join(folder, 'job.json'), JSON.stringify({ words: vocabulary.words, sentences, seeds, vectorSize: SIZE, mode }));
    const program = join(import.meta.dirname, 'contenders', 'python', 'word2vec_quality.py');
    const { status } = spawnSync(found.python, [program, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`gensim ended with code ${String(status)}`);
    await judge('gensim', (seed) => {
      const own = readFileSync(join(folder, `${seed}.bin`));
      const values = new Float32Array(own.buffer.slice(own.byteOffset, own.byteOffset + own.byteLength));
      const padded = (from: number): Float32Array => {
        const out = new Float32Array(vocabulary.words.length * paddedColumns(SIZE));
        packTable(values.subarray(from), vocabulary.words.length, SIZE, out);
        return out;
      };
      const model = new Word2Vec({ mode, vectorSize: SIZE, seed });
      const trained = { vocabulary, input: padded(0), output: padded(vocabulary.words.length * SIZE) };
      inside(model).trained = trained;
      return Promise.resolve({ model, trained });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
