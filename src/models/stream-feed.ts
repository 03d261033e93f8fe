import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { tensorBatch, type Batch } from './batch-source.js';
import type { StreamBatch, StreamReader } from './batch-stream.js';
import { placed, type Fed, type Feed } from './feed.js';
import { tensorList, type TensorNames, type Tensors } from './tensors.js';

export interface StreamFeedOptions {
  /** Batches of a round, with the name of the option that says so. Without it a round ends where the stream ends. */
  readonly steps?: number | undefined;
  readonly stepsName: string;
  /** Whether a round with a number of steps goes on where the one before ended, as training does. */
  readonly continues: boolean;
}

/**
 * Batches of a stream, with Keras' idea of a round: the end of the stream ends the first one and thereby says how long rounds are; a later
 * one that gets less is an error. Without a number of steps every round begins the stream anew.
 */
export class StreamFeed implements Feed {
  steps: number | null;
  private readonly op: string;
  private readonly reader: StreamReader;
  private readonly names: TensorNames | null;
  private readonly anew: boolean;
  private readonly stepsName: string;
  private where = '';
  private round = -1;

  constructor(op: string, reader: StreamReader, names: TensorNames | null, options: StreamFeedOptions) {
    this.op = op;
    this.reader = reader;
    this.names = names;
    this.steps = options.steps ?? null;
    this.stepsName = options.stepsName;
    this.anew = reader.restarts && !(options.continues && options.steps !== undefined);
  }

  async begin(where: string): Promise<void> {
    this.where = where;
    this.round++;
    if (this.anew && this.round > 0) await this.reader.restart();
  }

  async next(step: number): Promise<Fed | null> {
    const { reader } = this;
    const place = placed(this.where, 'step', step);
    let item = await reader.next(place);
    if (item === undefined && step === 0 && this.round > 0 && reader.restarts && !reader.signal?.aborted) {
      // The round before ended with the stream.
      await reader.restart();
      item = await reader.next(place);
    }
    if (reader.signal?.aborted) return null;
    if (item === undefined) return this.ended(step, place);
    if (this.steps === null || step + 1 < this.steps) reader.ahead();
    const batch = item;
    return { read: () => unpack(this.op, batch, this.names), indices: null, place, streamed: true };
  }

  async close(interrupted: boolean): Promise<void> {
    await this.reader.close(interrupted);
  }

  private ended(step: number, place: string): null {
    const { steps, stepsName } = this;
    if (this.round === 0 && step > 0) {
      if (steps !== null)
        process.emitWarning(
          `[${this.op}] expected ${stepsName} (${steps}) batches, the stream ended at ${place}; rounds have ${step} batches from here on`,
          { type: 'SarafWarning', code: 'SARAF_STREAM_ENDED' },
        );
      this.steps = step;
      return null;
    }
    const wanted = steps === null ? 'at least one batch' : `${steps} batches in every round`;
    const advice = this.reader.restarts
      ? 'let it give as many batches every time it is read'
      : `a generator can be read once: pass the generator function itself, or let it go on for ever and set ${stepsName}`;
    throw new SarafError('ERR_DATA', this.op, `expected ${wanted}, the stream of batches gave out at ${place}; ${advice}`);
  }
}

/** The inputs of the first batch, for a model that is not built yet. */
export function inputsOf(op: string, item: StreamBatch | undefined): readonly Tensor[] {
  if (item === undefined) throw new SarafError('ERR_DATA', op, 'expected at least one batch, the stream of batches gave none');
  return tensorList(op, 'x', partsOf(op, item)[0], null);
}

function partsOf(op: string, item: StreamBatch): readonly unknown[] {
  const parts: readonly unknown[] = Array.isArray(item) ? item : [item];
  if (parts.length < 1 || parts.length > 3)
    throw new SarafError('ERR_ARG', op, `expected a batch [x], [x, y] or [x, y, sampleWeight], received a list of ${parts.length}`);
  return parts;
}

function unpack(op: string, item: StreamBatch, names: TensorNames | null): Batch {
  const [x, y, sampleWeight] = partsOf(op, item) as readonly (Tensors | undefined)[];
  return tensorBatch(op, x as Tensors, { y, sampleWeight }, names);
}
