import type { Command } from 'commander';
import { loadAddon } from '../backend/native.js';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import '../keras/index.js';
import '../onnx/index.js';
// Makes TextPipeline known to loadModel.
import '../text/pipeline/text-pipeline.js';
import { EXIT } from './failure.js';
import { plainTensor, readInputs } from './model-tensors.js';
import { positiveInteger, threadsOption, verboseOption } from './options.js';
import { labelledCsv, labelledTable, labelTexts, openModel, textsOf } from './predict-texts.js';

interface PredictFlags {
  out?: string;
  batch: number;
  threads?: number;
  text?: string;
  say?: string[];
}

const EXAMPLES = `
Examples:
  saraf predict model.keras inputs.json
  saraf predict model.h5 inputs.json --out outputs.json
  saraf predict out/nusax-lstm/runs/0f3a9c --say "pelayanannya memuaskan"
  saraf predict out/nusax-lstm/runs/0f3a9c reviews.csv --text review --out labelled.csv`;

/** Adds `saraf predict`. */
export function predictCommand(program: Command, done: (code: number) => void): void {
  program
    .command('predict')
    .description('run a model on inputs in JSON, on texts in a CSV file, or on a text')
    .argument('<model>', "a folder that saraf saved, a run (runs/<id>), or a file of Keras: .keras, .h5, TensorFlow.js' model.json")
    .argument('[inputs]', '{"inputs":[{"shape":[…],"dtype":"float32|int32","data":[…]}]} or {"inputs":[{"texts":[…]}]}; or a CSV file')
    .option('--text <column>', 'the column of the texts in a CSV file')
    .option('--say <text>', 'a text to label (may be repeated)', (text: string, earlier: string[] | undefined) => [
      ...(earlier ?? []),
      text,
    ])
    .option('--out <file>', 'where the outputs go, in the same form (default: standard output)')
    .option('--batch <n>', 'rows at a time', positiveInteger, 32)
    .addOption(threadsOption())
    .addOption(verboseOption())
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, inputs: string | undefined, flags: PredictFlags) => {
      if (flags.threads !== undefined) loadAddon().native.setThreads(flags.threads);
      const put = (text: string): void => {
        if (flags.out === undefined) process.stdout.write(text);
        else writeFileAtomic(flags.out, text);
      };
      if ((inputs === undefined) === (flags.say === undefined))
        throw new SarafError('ERR_ARG', 'predict', `expected inputs or --say TEXT, received ${inputs === undefined ? 'neither' : 'both'}`);
      if (flags.say) {
        const rows = await labelTexts(await openModel(path), flags.say, flags.batch);
        put(flags.out === undefined ? `${labelledTable(rows)}\n` : labelledCsv(rows));
      } else if (/\.(csv|tsv)(\.gz)?$/i.test(inputs as string)) {
        const texts = await textsOf(inputs as string, flags.text);
        put(labelledCsv(await labelTexts(await openModel(path), texts, flags.batch)));
      } else {
        const x = readInputs(inputs as string);
        const { model } = await openModel(path);
        const outputs = await model.predictAll(x, { batchSize: flags.batch });
        put(toJsonText({ outputs: outputs.map(plainTensor) }));
      }
      done(EXIT.ok);
    });
}
