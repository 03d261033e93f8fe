import type { Command } from 'commander';
import '../keras/index.js';
import { loadModel } from '../models/load.js';
import type { Model } from '../models/model.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

/** How the model was compiled, in lines. */
function compileLines(model: Model): string[] {
  const { compilation } = model;
  if (!compilation) return ['Not compiled.'];
  const { optimizer, outputs, metricNames, weightedMetricNames } = compilation;
  const listed = (label: string, names: readonly string[] = []): string => (names.length > 0 ? `, ${label} ${names.join(', ')}` : '');
  const rate = optimizer.learningRate;
  return [
    `Optimizer: ${optimizer.className}, learning rate ${Number(rate.toPrecision(6))}, ${optimizer.iterations} ${optimizer.iterations === 1 ? 'step' : 'steps'} taken`,
    ...outputs.map(
      ({ name, loss, lossWeight }, i) =>
        `Output ${name}: ${loss.className}${lossWeight === 1 ? '' : ` × ${lossWeight}`}${listed('metrics', metricNames[i])}${listed('weighted metrics', weightedMetricNames[i])}`,
    ),
  ];
}

/** Adds `saraf inspect`. */
export function inspectCommand(program: Command, done: (code: number) => void): void {
  program
    .command('inspect')
    .description("print a model's layers, shapes, parameters and how it is compiled")
    .argument('<model>', "a folder that saraf saved, or a file of Keras: .keras, .h5, TensorFlow.js' model.json")
    .option('--no-compile', 'leave optimizer, losses and metrics out, also where saraf does not have them')
    .addOption(verboseOption())
    .addHelpText('after', '\nExamples:\n  saraf inspect model.keras\n  saraf inspect my-model --no-compile')
    .action(async (path: string, flags: { compile: boolean }) => {
      const model = await loadModel(path, { compile: flags.compile });
      process.stdout.write(`${model.summary({ print: null })}\n${flags.compile ? `${compileLines(model).join('\n')}\n` : ''}`);
      done(EXIT.ok);
    });
}
