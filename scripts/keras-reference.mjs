// Trains a model in real Keras, where a Python with Keras is present, and compares saraf's predictions with Keras':
//   npm run keras-reference -- [--cell SimpleRNN|LSTM|GRU] [--epochs N] [--seed N] [--data DIR] [--out DIR]
// The Python is SARAF_PYTHON, else python3; it needs keras >= 3 with a backend that trains (TensorFlow, JAX or PyTorch).
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const args = process.argv.slice(2);
const option = (name, fallback) => {
  const at = args.indexOf(name);
  return at < 0 ? fallback : args.splice(at, 2)[1];
};
const data = option('--data', process.env.SARAF_DATA);
const out = resolve(option('--out', join('out', 'keras-reference')));
if (!data) {
  console.error('keras-reference: name the folder that holds nusax-senti with --data DIR or SARAF_DATA');
  process.exit(2);
}
const found = [process.env.SARAF_PYTHON, 'python3'].find(
  (python) => python && spawnSync(python, ['-c', 'import keras; assert keras.__version__[0] >= "3"'], { stdio: 'ignore' }).status === 0,
);
if (!found) {
  console.error(
    'keras-reference: no Python with Keras 3 was found; install one (pip install keras tensorflow-cpu) and name it in SARAF_PYTHON',
  );
  process.exit(1);
}
const here = import.meta.dirname;
const run = (command, list) => {
  const { status } = spawnSync(command, list, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(found, [join(here, 'keras_reference.py'), '--data', data, '--out', out, ...args]);
run(process.execPath, [
  join(here, 'saraf.mjs'),
  'reproduce',
  '--keras',
  join(out, 'model.keras'),
  '--predictions',
  join(out, 'reference.json'),
]);
