// The peers in Python, each in a virtual environment of its own: their requirements contradict each other.
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder, folderOf, pythons, run, say } from './tools.mjs';

/** Exact versions, what comes with them and when, and what they take on disk: pip says so only when it is done. */
export const PYTHON_PEERS = [
  {
    name: 'torch',
    title: 'PyTorch',
    requirements: ['torch==2.15.0', 'numpy==2.4.6'],
    size: '5.4 GB on Linux, whose only wheel there brings libraries for GPUs',
    bytes: 9e9,
    first: 'torch.mm(torch.ones(1, 2), torch.ones(2, 1)).item()',
  },
  {
    name: 'tensorflow',
    title: 'TensorFlow',
    requirements: ['tensorflow-cpu==2.21.0', 'keras==3.15.1', 'numpy==2.4.6'],
    size: '1.6 GB',
    bytes: 2.5e9,
    first: 'tensorflow.matmul([[1., 1.]], [[1.], [1.]]).numpy()[0, 0]',
  },
  {
    name: 'jax',
    title: 'JAX',
    requirements: ['jax==0.10.2', 'numpy==2.4.6'],
    size: '0.7 GB',
    bytes: 1.5e9,
    first: 'float(jax.numpy.matmul(jax.numpy.ones(2), jax.numpy.ones(2)))',
  },
  {
    name: 'gensim',
    title: 'gensim',
    requirements: ['gensim==4.4.0', 'numpy==2.4.6', 'scipy==1.17.1'],
    size: '0.3 GB',
    bytes: 1e9,
    first: 'len(gensim.__version__)',
  },
];

const WINDOWS = process.platform === 'win32';

/** Why a Python of the PATH is none for these versions; null if it is one. */
function unfit(name) {
  try {
    const version = run(name, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])']).trim();
    const [major, minor] = version.split(' ').map(Number);
    return major === 3 && minor >= 11 ? null : `${name} is Python ${major}.${minor}; these versions want 3.11 or newer`;
  } catch (error) {
    return error.message.split('\n').at(-1);
  }
}

/** Installs one peer unless the same versions are there already. Throws with the reason. */
export function installPython({ name, title, requirements, size, bytes, first }, again) {
  const folder = folderOf(`python-${name}`);
  const own = WINDOWS ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  // Written when everything is done: half an environment is none.
  const stamp = join(folder, '.saraf-requirements');
  const wanted = `${requirements.join('\n')}\n`;
  if (!again && existsSync(own) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const reasons = pythons.map((candidate) => [candidate, unfit(candidate)]);
  const found = reasons.find(([, why]) => why === null)?.[0];
  if (found === undefined)
    throw new Error(
      `no Python 3.11 or newer with venv and pip was found (${reasons.map(([, why]) => why).join('; ')}); on Debian: apt-get install python3 python3-venv`,
    );
  const { bavail, bsize } = statfsSync(benchFolder);
  if (bavail * bsize < bytes)
    throw new Error(
      `it needs ${(bytes / 1e9).toFixed(1)} GB of disk while it is installed, and ${((bavail * bsize) / 1e9).toFixed(1)} GB are free`,
    );
  say(`${title}: installing ${requirements.join(', ')} with what they require: ${size}; minutes on a fast line …`);
  rmSync(folder, { recursive: true, force: true });
  run(found, ['-m', 'venv', folderOf(`python-${name}`)]);
  // pip's own progress and errors go to the terminal.
  run(own, ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'on', '--prefer-binary', ...requirements], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  run(own, ['-c', `import ${name}${name === 'jax' ? ', jax.numpy' : ''}; assert ${first} > 0`]);
  writeFileSync(stamp, wanted);
}
