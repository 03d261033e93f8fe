import type { Command } from 'commander';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import '../keras/index.js';
import '../onnx/index.js';
// Makes TextPipeline known to loadModel.
import '../text/pipeline/text-pipeline.js';
import { loadModel } from '../models/load.js';
import { EXIT } from './failure.js';
import { plainTensor, readInputs } from './model-tensors.js';
import { positiveInteger, threadsOption, verboseOption } from './options.js';
import { loadAddon } from '../backend/native.js';

/** Adds `saraf predict`. */
export function predictCommand(program: Command, done: (code: number) => void): void {
  program
    .command('predict')
    .description('run a model on inputs in JSON')
    .argument('<model>', "a folder that saraf saved, or a file of Keras: .keras, .h5, TensorFlow.js' model.json")
    .argument(
      '<inputs>',
      '{"inputs":[{"shape":[…],"dtype":"float32|int32","data":[…]}]}, one per input of the model; {"inputs":[{"texts":[…]}]} for a model saved with its preprocessing',
    )
    .option('--out <file>', 'where the outputs go, in the same form (default: standard output)')
    .option('--batch <n>', 'rows at a time', positiveInteger, 32)
    .addOption(threadsOption())
    .addOption(verboseOption())
    .addHelpText('after', '\nExamples:\n  saraf predict model.keras inputs.json\n  saraf predict model.h5 inputs.json --out outputs.json')
    .action(async (path: string, inputs: string, flags: { out?: string; batch: number; threads?: number }) => {
      if (flags.threads !== undefined) loadAddon().native.setThreads(flags.threads);
      const x = readInputs(inputs);
      const model = await loadModel(path, { compile: false });
      const outputs = await model.predictAll(x, { batchSize: flags.batch });
      const text = toJsonText({ outputs: outputs.map(plainTensor) });
      if (flags.out === undefined) process.stdout.write(text);
      else writeFileAtomic(flags.out, text);
      done(EXIT.ok);
    });
}
