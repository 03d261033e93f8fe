import type { Command } from 'commander';
import '../keras/index.js';
import '../onnx/index.js';
// Makes TextPipeline known to loadModel.
import '../text/pipeline/text-pipeline.js';
import { ImagePipeline } from '../data/image-pipeline.js';
import { loadModel } from '../models/load.js';
import type { MetricPlan, SavedMetric } from '../models/metric-plan.js';
import type { Model } from '../models/model.js';
import type { Preprocessing } from '../tensor/preprocessing.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

/** How the model was compiled, in lines. */
function compileLines(model: Model): string[] {
  const { compilation } = model;
  if (!compilation) return ['Not compiled.'];
  const { optimizer, outputs } = compilation;
  const rate = optimizer.learningRate;
  return [
    `Optimizer: ${optimizer.className}, learning rate ${Number(rate.toPrecision(6))}, ${optimizer.iterations} ${optimizer.iterations === 1 ? 'step' : 'steps'} taken`,
    ...outputs.map(
      ({ name, loss, lossWeight, metrics }) =>
        `Output ${name}: ${loss.className}${lossWeight === 1 ? '' : ` × ${lossWeight}`}${metricsText('metrics', metrics, false)}${metricsText('weighted metrics', metrics, true)}`,
    ),
  ];
}

/** `, metrics accuracy, auc (AUC numThresholds 20)`: options are told where there are any. */
function metricsText(title: string, plans: readonly MetricPlan[], weighted: boolean): string {
  const texts = plans
    .filter((p) => p.weighted === weighted)
    .map(({ label, saved }) => (isClass(saved) ? `${label} (${described(saved)})` : label));
  return texts.length === 0 ? '' : `, ${title} ${texts.join(', ')}`;
}

const isClass = (saved: SavedMetric | null): saved is Exclude<SavedMetric, string> => saved !== null && typeof saved !== 'string';

function described({ className, config }: Exclude<SavedMetric, string>): string {
  const options = Object.entries(config).filter(([key]) => key !== 'name');
  return [className, ...options.map(([key, value]) => `${key} ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`)].join(
    ' ',
  );
}

/** `TextPipeline casefold, clean, vectorize`: the steps where there are any. */
function describePreprocessing(preprocessing: Preprocessing): string {
  const { steps } = preprocessing.toJSON();
  const names = Array.isArray(steps) ? (steps as { step?: unknown }[]).map((s) => String(s.step)) : [];
  return [preprocessing.className, names.join(', ')].join(' ').trim();
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
      const lines = [
        model.summary({ print: null }),
        ...(model.preprocessing
          ? [
              `Preprocessing: ${describePreprocessing(model.preprocessing)}; takes ${model.preprocessing instanceof ImagePipeline ? 'pictures' : 'texts'}`,
            ]
          : []),
        ...(flags.compile ? compileLines(model) : []),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      done(EXIT.ok);
    });
}
