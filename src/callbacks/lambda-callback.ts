import { SarafError } from '../errors.js';
import { Callback, type Logs } from './callback.js';

const HOOKS = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'] as const;

/** Functions to call; see the methods of `Callback`. */
export type LambdaCallbackOptions = Partial<Pick<Callback, (typeof HOOKS)[number]>>;

/**
 * A callback of functions, for what is said in a line.
 *
 * Throws: ERR_ARG for a name that is none of the hooks, or a hook that is no function.
 * Source: Keras LambdaCallback.
 * Example: callbacks.lambdaCallback({ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) })
 */
export class LambdaCallback extends Callback {
  private readonly hooks: LambdaCallbackOptions;

  constructor(hooks: LambdaCallbackOptions) {
    super();
    for (const [name, hook] of Object.entries(hooks)) {
      if (!(HOOKS as readonly string[]).includes(name) || typeof hook !== 'function')
        throw new SarafError('ERR_ARG', 'lambdaCallback', `expected functions among ${HOOKS.join(', ')}, received ${name}: ${typeof hook}`);
    }
    this.hooks = hooks;
  }

  override onTrainBegin(logs: Logs): void | Promise<void> {
    return this.hooks.onTrainBegin?.(logs);
  }

  override onTrainEnd(logs: Logs, completed: boolean): void | Promise<void> {
    return this.hooks.onTrainEnd?.(logs, completed);
  }

  override onEpochBegin(epoch: number, logs: Logs): void | Promise<void> {
    return this.hooks.onEpochBegin?.(epoch, logs);
  }

  override onEpochEnd(epoch: number, logs: Logs): void | Promise<void> {
    return this.hooks.onEpochEnd?.(epoch, logs);
  }

  override onBatchBegin(batch: number, logs: Logs): void | Promise<void> {
    return this.hooks.onBatchBegin?.(batch, logs);
  }

  override onBatchEnd(batch: number, logs: Logs): void | Promise<void> {
    return this.hooks.onBatchEnd?.(batch, logs);
  }
}
