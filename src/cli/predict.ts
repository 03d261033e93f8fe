import { gzipSync } from 'node:zlib';
import { Option, type Command } from 'commander';
import { loadAddon } from '../backend/native.js';
import { readCsv } from '../data/csv.js';
import { Table } from '../data/table.js';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import '../keras/index.js';
import '../onnx/index.js';
// Makes TextPipeline known to loadModel.
import '../text/pipeline/text-pipeline.js';
import { EXIT } from './failure.js';
import { plainTensor, readInputs } from './model-tensors.js';
import { collectWhole, positiveInteger, threadsOption, verboseOption } from './options.js';
import { csvText, labelledText, labelRows, ofPictures, ofTexts, openModel, withLabels, type Label } from './predict-labels.js';
import { isPictures, picturesOf } from './predict-pictures.js';

interface PredictFlags {
  out?: string;
  batch: number;
  threads?: number;
  text?: string;
  encoding: 'utf-8' | 'latin1';
  say?: string[];
}

const OP = 'predict';

const EXAMPLES = `
Examples:
  saraf predict model.keras inputs.json
  saraf predict model.h5 inputs.json --out outputs.json
  saraf predict out/nusax-lstm/runs/0f3a9c --say "pelayanannya memuaskan"
  saraf predict out/nusax-lstm/runs/0f3a9c reviews.csv --text review --out labelled.csv
  saraf predict out/cifar10-cnn/runs/77ab01 cat.png photos/`;

/** Adds `saraf predict`. */
export function predictCommand(program: Command, done: (code: number) => void): void {
  program
    .command('predict')
    .description('run a model on inputs in JSON, or label texts, the texts of a CSV file, or pictures with it')
    .argument('<model>', "a folder that saraf saved, a run (runs/<id>), or a file of Keras: .keras, .h5, TensorFlow.js' model.json")
    .argument(
      '[inputs...]',
      '{"inputs":[{"shape":[…],"dtype":"float32|int32","data":[…]}]} or {"inputs":[{"texts":[…]}]}; a CSV or TSV file; or pictures (.png, .jpg) and folders of them',
    )
    .option('--text <column>', 'the column of the texts in a CSV file; label and probability are added to its columns')
    .addOption(new Option('--encoding <name>', 'of the CSV file').choices(['utf-8', 'latin1']).default('utf-8'))
    .option('--say <text>', 'a text to label (may be repeated)', collectWhole)
    .option('--out <file>', 'where the outputs go: JSON for JSON, CSV otherwise, gzipped as .gz (default: standard output)')
    .option('--batch <n>', 'rows at a time', positiveInteger, 32)
    .addOption(threadsOption())
    .addOption(verboseOption())
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, inputs: string[], flags: PredictFlags) => {
      if (flags.threads !== undefined) loadAddon().native.setThreads(flags.threads);
      const put = (text: string): void => {
        if (flags.out === undefined) process.stdout.write(text);
        else writeFileAtomic(flags.out, /\.gz$/i.test(flags.out) ? gzipSync(text) : text);
      };
      const putLabels = (what: string, rows: readonly string[], labels: readonly Label[]): void =>
        put(flags.out === undefined ? `${labelledText(what, rows, labels)}\n` : csvText(withLabels(new Table([what], [rows]), labels)));
      const [first, ...others] = inputs;
      if ((first === undefined) === (flags.say === undefined))
        throw new SarafError('ERR_ARG', OP, `expected inputs or --say TEXT, received ${first === undefined ? 'neither' : 'both'}`);
      if (first === undefined) {
        const texts = flags.say ?? [];
        putLabels('text', texts, await labelRows(ofTexts(await openModel(path)), texts, flags.batch));
      } else if (isPictures(first)) {
        const { files, left } = picturesOf(inputs);
        if (left > 0) process.stderr.write(`${left} ${left === 1 ? 'file that is' : 'files that are'} no .png or .jpg left out\n`);
        putLabels('file', files, await labelRows(ofPictures(await openModel(path)), files, flags.batch));
      } else if (others.length > 0) {
        throw new SarafError('ERR_ARG', OP, `expected one file of inputs, or pictures, received ${inputs.join(', ')}`);
      } else if (/\.(csv|tsv)(\.gz)?$/i.test(first)) {
        const { text: column, encoding } = flags;
        if (column === undefined)
          throw new SarafError('ERR_ARG', OP, `expected --text COLUMN with ${first}, received none; name the column of the texts`);
        const table = await readCsv(first, { encoding });
        const labelled = withLabels(table, await labelRows(ofTexts(await openModel(path)), table.strings(column), flags.batch));
        const renamed = labelled.columns.slice(table.columns.length).filter((name) => name.endsWith('_predicted'));
        if (renamed.length > 0)
          process.stderr.write(`${first} has columns of that name: what is predicted stands in ${renamed.join(', ')}\n`);
        // As the file itself, so that the same program opens both.
        put(csvText(labelled, /\.tsv(\.gz)?$/i.test(flags.out ?? '') ? '\t' : table.origin?.delimiter === ';' ? ';' : ','));
      } else {
        const x = readInputs(first);
        const { model } = await openModel(path);
        const outputs = await model.predictAll(x, { batchSize: flags.batch });
        put(toJsonText({ outputs: outputs.map(plainTensor) }));
      }
      done(EXIT.ok);
    });
}
