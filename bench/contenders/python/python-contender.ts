import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suiteNames } from '../../suites/index.js';
import type { Job } from '../../suites/suite.js';
import type { Cases, Contender } from '../contender.js';
import { ChildProgram } from '../child-program.js';
import { findPython, type Framework } from './find-python.js';
import { pythonStartup } from './python-startup.js';

const here = dirname(fileURLToPath(import.meta.url));

export interface PythonPeer {
  readonly name: string;
  readonly title: string;
  readonly framework: Framework;
  /** A program beside this file, and what to tell it. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Settings that the framework reads when it is loaded. */
  env(threads: number): Readonly<Record<string, string>>;
  /** Python that calls report(value) with the first product; absent: its start is not timed. */
  readonly startup?: string;
  /** Allowed errors of one that computes with fewer bits than the suites expect. */
  readonly tolerance?: Readonly<Record<string, number>>;
}

/** A Python framework as a contender: one Python process a trial, which keeps the time. */
export function pythonContender(peer: PythonPeer): Contender {
  const { name, title, framework, program, args = [], startup, tolerance } = peer;
  return {
    name,
    title,
    maxThreads: Number.POSITIVE_INFINITY,
    reduced: tolerance !== undefined,
    slowStart: true,
    async load(threads) {
      const found = findPython(framework);
      if ('unavailable' in found) return found;
      // -B: the programs stand among the sources, which stay as they are.
      const child = new ChildProgram({ command: found.python, args: ['-B', join(here, program), ...args], env: peer.env(threads) });
      const loaded = await child.load(threads);
      if ('unavailable' in loaded) {
        child.end();
        return loaded;
      }
      const timed = suiteNames.filter((suite) => suite !== 'startup');
      const cases = timed.map((suite) => [
        suite,
        async (inputs: unknown) => ({ ...(await child.job(suite, inputs)), ...(tolerance ? { tolerance } : {}) }),
      ]);
      const started = (script: string): Job => {
        // Its memory is wanted by those that are started anew.
        child.end();
        return pythonStartup(found.python, framework.name, script);
      };
      return {
        version: loaded.version,
        cases: {
          ...(Object.fromEntries(cases) as Cases),
          ...(startup === undefined ? {} : { startup: () => started(startup) }),
        },
      };
    },
  };
}
