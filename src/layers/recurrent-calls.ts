import { backend } from '../backend/current.js';
import type { RecurrentArguments } from '../backend/backend.js';

/** Makes one recurrent call. */
export function runRecurrent(call: RecurrentArguments): void {
  switch (call[0]) {
    case 'simpleRnnForward': {
      const [, ...args] = call;
      return backend().simpleRnnForward(...args);
    }
    case 'simpleRnnBackward': {
      const [, ...args] = call;
      return backend().simpleRnnBackward(...args);
    }
    case 'lstmForward': {
      const [, ...args] = call;
      return backend().lstmForward(...args);
    }
    case 'lstmBackward': {
      const [, ...args] = call;
      return backend().lstmBackward(...args);
    }
    case 'gruForward': {
      const [, ...args] = call;
      return backend().gruForward(...args);
    }
    case 'gruBackward': {
      const [, ...args] = call;
      return backend().gruBackward(...args);
    }
  }
}

/** Makes two, the second of which may add to the input gradient that the first one writes. */
export function runBoth(first: RecurrentArguments | null, second: RecurrentArguments | null): void {
  if (first && second) backend().recurrentBoth(first, second);
  else if (first) runRecurrent(first);
  else if (second) runRecurrent(second);
}
