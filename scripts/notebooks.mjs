// Executes the notebooks without a browser and writes them, with their outputs, to out/notebooks.
//   node scripts/notebooks.mjs [NOTEBOOK…] [--out DIR] [--check]
// Uses the Jupyter command that JUPYTER names, or else one on PATH that has nbconvert; where there is none, the versions of
// notebooks/requirements.txt are put into notebooks/.venv.
// --check only says whether a Jupyter is there already (exit code 0) or would have to be installed (1).
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'notebooks');
const venv = join(folder, '.venv');
const windows = process.platform === 'win32';
const inVenv = (name) => join(venv, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);
const say = (text) => process.stderr.write(`${text}\n`);

class Refusal extends Error {}

/** Runs a command with its output on ours; throws what to do if it does not end well. */
function run(command, args, failure, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: false, ...options });
  if (result.error || result.status !== 0) throw new Refusal(`${failure}${result.error ? ` (${result.error.message})` : ''}`);
}

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** The Jupyter to use, or null if there is none yet. */
function foundJupyter() {
  if (process.env.JUPYTER) {
    if (!works(process.env.JUPYTER, ['nbconvert', '--version']))
      throw new Refusal(
        `expected JUPYTER to name a Jupyter command with nbconvert, received ${process.env.JUPYTER}; install nbconvert there or unset JUPYTER`,
      );
    return process.env.JUPYTER;
  }
  if (works('jupyter', ['nbconvert', '--version'])) return 'jupyter';
  const stamp = join(venv, '.requirements');
  const wanted = readFileSync(join(folder, 'requirements.txt'), 'utf8');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted ? inVenv('jupyter') : null;
}

function installJupyter() {
  const python = [process.env.PYTHON, 'python3', 'python']
    .filter(Boolean)
    .find((p) => works(p, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 9))']));
  if (!python)
    throw new Refusal(
      'expected Python 3.9 or newer with its venv module; install it (Debian, Ubuntu: sudo apt-get install python3-venv), or set JUPYTER to a Jupyter command',
    );
  say('Installing Jupyter into notebooks/.venv …');
  const started = Date.now();
  rmSync(venv, { recursive: true, force: true });
  run(python, ['-m', 'venv', venv], 'the Python environment could not be made (Debian, Ubuntu: sudo apt-get install python3-venv)');
  const requirements = join(folder, 'requirements.txt');
  run(
    inVenv('python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
    'Jupyter could not be installed',
  );
  writeFileSync(join(venv, '.requirements'), readFileSync(requirements, 'utf8'));
  say(`Installing Jupyter: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return inVenv('jupyter');
}

/** `import 'saraf'` in a notebook finds this checkout: the kernel's compiler does not look a package up by its own name. */
function linkSaraf() {
  const link = join(folder, 'node_modules', 'saraf');
  mkdirSync(dirname(link), { recursive: true });
  try {
    lstatSync(link);
  } catch {
    symlinkSync(windows ? root : join('..', '..'), link, 'junction');
  }
}

/** A folder that Jupyter finds the TypeScript kernel in; nothing outside the checkout is touched. */
function writeKernel() {
  const jupyterPath = join(root, 'out', 'jupyter');
  const kernel = join(jupyterPath, 'kernels', 'tslab');
  mkdirSync(kernel, { recursive: true });
  const argv = [process.execPath, join(root, 'node_modules', 'tslab', 'bin', 'tslab'), 'kernel', '--config-path', '{connection_file}'];
  writeFileSync(join(kernel, 'kernel.json'), JSON.stringify({ argv, display_name: 'TypeScript', language: 'typescript' }));
  return jupyterPath;
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: join(root, 'out', 'notebooks') }, check: { type: 'boolean', default: false } },
  });
  const found = foundJupyter();
  if (values.check) {
    say(found ? `Jupyter: ${found}` : 'Jupyter is not installed; `npm run notebooks` puts it into notebooks/.venv, or set JUPYTER');
    process.exit(found ? 0 : 1);
  }
  const notebooks =
    positionals.length > 0
      ? positionals.map((p) => resolve(p))
      : readdirSync(folder)
          .filter((name) => name.endsWith('.ipynb'))
          .sort()
          .map((name) => join(folder, name));
  for (const notebook of notebooks) if (!existsSync(notebook)) throw new Refusal(`expected a notebook, found no file ${notebook}`);

  const jupyter = found ?? installJupyter();
  buildIfStale();
  linkSaraf();
  const environment = { ...process.env, JUPYTER_PATH: [writeKernel(), process.env.JUPYTER_PATH].filter(Boolean).join(windows ? ';' : ':') };
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  for (const notebook of notebooks) {
    const started = Date.now();
    say(`Executing ${relative(root, notebook)} …`);
    const options = ['--ExecutePreprocessor.kernel_name=tslab', '--ExecutePreprocessor.timeout=900', '--log-level=WARN'];
    const args = ['nbconvert', '--to', 'notebook', '--execute', ...options, '--output-dir', out, notebook];
    run(jupyter, args, `${basename(notebook)} did not run through`, { cwd: folder, env: environment });
    say(
      `Executing ${relative(root, notebook)}: done in ${((Date.now() - started) / 1000).toFixed(1)} s, ${relative(process.cwd(), join(out, basename(notebook)))}`,
    );
  }
} catch (error) {
  say(`saraf notebooks: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
