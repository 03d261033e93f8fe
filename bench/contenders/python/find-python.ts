import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Unavailable } from '../contender.js';
import { peersFolder } from '../peer-package.js';

/** A Python package that is a peer, and what to call it. */
export interface Framework {
  /** The folder of its own environment is python-<name>: the frameworks' requirements contradict each other. */
  readonly name: string;
  readonly title: string;
}

const HOW = 'npm run peers -- --python';

/** The interpreter of the environment that `npm run peers -- --python` makes for a framework. */
export const ownPython = (name: string, platform = process.platform): string =>
  platform === 'win32'
    ? join(peersFolder, `python-${name}`, 'Scripts', 'python.exe')
    : join(peersFolder, `python-${name}`, 'bin', 'python');

/** Whether an interpreter starts and finds a package, without loading it; the reason if not. */
function problem(interpreter: string, name: string): string | null {
  const code = `import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(${JSON.stringify(name)}) else 3)`;
  const { status, error, signal } = spawnSync(interpreter, ['-c', code], { stdio: 'ignore', timeout: 30_000 });
  if (status === 0) return null;
  if (status === 3) return `has no package ${name}`;
  return `does not start (${error?.message ?? signal ?? `code ${String(status)}`})`;
}

/**
 * The Python that has a framework: SARAF_PYTHON if that is set, else the bench's own environment, else python3 on the PATH.
 * Whoever names an interpreter means it: another is not tried in its place.
 */
export function findPython({ name, title }: Framework, env: NodeJS.ProcessEnv = process.env): { readonly python: string } | Unavailable {
  const named = env['SARAF_PYTHON'];
  if (named !== undefined && named !== '') {
    const wrong = problem(named, name);
    return wrong === null ? { python: named } : { unavailable: `SARAF_PYTHON=${named} ${wrong}; unset it, or ${HOW}` };
  }
  const own = ownPython(name);
  if (existsSync(own)) {
    const wrong = problem(own, name);
    return wrong === null ? { python: own } : { unavailable: `${title}: its environment ${wrong}; ${HOW} --again` };
  }
  for (const python of ['python3', 'python']) if (problem(python, name) === null) return { python };
  return { unavailable: `${title} is not installed; ${HOW}` };
}
