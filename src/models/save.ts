import { Layer, type Weight } from '../layers/layer.js';
import { SarafError } from '../errors.js';
import type { Precision } from '../backend/backend.js';
import { preprocessingText } from '../tensor/preprocessing.js';
import type { Tensor } from '../tensor/tensor.js';
import { writeFolderAtomic } from '../files/atomic.js';
import { savedMetrics, type SavedMetric } from './metric-plan.js';
import type { Compiled } from './compile.js';
import type { Model } from './model.js';
import { encodeSafetensors } from './safetensors.js';

export const FORMAT = 'saraf-model';
export const FORMAT_VERSION = 1;
export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.safetensors';
export const OPTIMIZER_FILE = 'optimizer.safetensors';
/** Only of a model with preprocessing; in a folder and in a `.keras` archive. */
export const PREPROCESSING_FILE = 'preprocessing.json';

interface CompileRecord {
  optimizer: { className: string; config: Record<string, unknown> };
  outputs: {
    name: string;
    loss: { className: string; config: Record<string, unknown> };
    lossWeight: number;
    metrics: readonly SavedMetric[];
    /** Absent: none. */
    weightedMetrics?: readonly SavedMetric[];
  }[];
  /** Absent: float32. */
  precision?: Precision;
}
interface SavedCompile extends CompileRecord {
  optimizer: CompileRecord['optimizer'] & { iterations: number };
}

/** What `model.json` holds. */
export interface ModelFile {
  format: string;
  formatVersion: number;
  className: string;
  config: Record<string, unknown>;
  compile: SavedCompile | null;
  training: { epoch: number; step: number; seed: number };
}

/** Each weight once, as `layer/weight`; a second one of the same name gets `#2`. Nested models put their name before. */
export function namedWeights(layers: readonly Layer[]): [string, Weight][] {
  const named: [string, Weight][] = [];
  const seen = new Set<Weight>();
  const uses = new Map<string, number>();
  const walk = (list: readonly Layer[], prefix: string): void => {
    for (const layer of list) {
      const inner =
        'layers' in layer && Array.isArray(layer.layers) && layer.layers.every((l) => l instanceof Layer)
          ? (layer.layers as Layer[])
          : null;
      if (inner) {
        walk(inner, `${prefix}${layer.name}/`);
        continue;
      }
      for (const weight of layer.weights) {
        if (seen.has(weight)) continue;
        seen.add(weight);
        const name = `${prefix}${layer.name}/${weight.name}`;
        const n = (uses.get(name) ?? 0) + 1;
        uses.set(name, n);
        named.push([n === 1 ? name : `${name}#${n}`, weight]);
      }
    }
  };
  walk(layers, '');
  return named;
}

/** How a model is trained, as `model.json` keeps it, but for the steps that were taken. */
export function compileRecord(compilation: Compiled): CompileRecord {
  return {
    optimizer: { className: compilation.optimizer.className, config: compilation.optimizer.getConfig() },
    outputs: compilation.outputs.map((o) => ({
      name: o.name,
      loss: { className: o.loss.className, config: o.loss.getConfig() },
      lossWeight: o.lossWeight,
      metrics: savedMetrics(o.metrics, false),
      ...(o.metrics.some((m) => m.weighted) ? { weightedMetrics: savedMetrics(o.metrics, true) } : {}),
    })),
    ...(compilation.precision === 'float32' ? {} : { precision: compilation.precision }),
  };
}

const withIterations = (record: CompileRecord, iterations: number): SavedCompile => ({
  ...record,
  optimizer: { ...record.optimizer, iterations },
});

/** Writes a model into a folder; see `Model.save`. */
export function saveModel(model: Model, directory: string): void {
  if (typeof directory !== 'string' || directory === '')
    throw new SarafError('ERR_ARG', 'save', `expected a folder to save to, received ${String(directory)}`);
  if (!model.built)
    throw new SarafError('ERR_STATE', 'save', 'expected a built model; give the first layer inputShape or fit it on data first');
  const { compilation } = model;
  const weights = namedWeights(model.layers);
  const file: ModelFile = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    className: model.className,
    config: model.getConfig(),
    compile: compilation && withIterations(compileRecord(compilation), compilation.optimizer.iterations),
    training: { ...model.training },
  };
  const slots: [string, Tensor][] = [];
  if (compilation && compilation.optimizer.iterations > 0) {
    const trainable = new Set(model.trainableWeights);
    for (const [name, weight] of weights) {
      if (!trainable.has(weight)) continue;
      const state = compilation.optimizer.slotsOf(weight.value);
      compilation.optimizer.stateNames.forEach((slot, i) => slots.push([`${name}:${slot}`, state[i] as Tensor]));
    }
  }
  writeFolderAtomic(
    directory,
    {
      [MODEL_FILE]: `${JSON.stringify(file, null, 2)}\n`,
      [WEIGHTS_FILE]: encodeSafetensors(weights.map(([name, w]) => [name, w.value])),
      [OPTIMIZER_FILE]: encodeSafetensors(slots),
      ...(model.preprocessing ? { [PREPROCESSING_FILE]: preprocessingText(model.preprocessing) } : {}),
    },
    MODEL_FILE,
  );
}
