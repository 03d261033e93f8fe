// One trial, a process of its own: makes the case's inputs, checks the results against the reference, then takes the time.
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { contenders } from '../contenders/index.js';
import { suites, type InputsOf, type SuiteName } from '../suites/index.js';
import type { Job, Outputs, Shape, Suite } from '../suites/suite.js';
import type { Cases } from '../contenders/contender.js';
import { compare } from './compare.js';
import { measure } from './measure.js';
import type { TrialReply, TrialRequest } from './types.js';

/** The suites seen alike: name, shape and inputs belong together by the request. */
type AnySuite = Suite<string, InputsOf<SuiteName>>;

async function trial(request: TrialRequest): Promise<TrialReply> {
  const suite = suites[request.suite as SuiteName] as unknown as AnySuite;
  const shape = suite.shapes.find((s) => s.name === request.shape) as Shape;
  const inputs = suite.inputs(shape);
  if (request.role === 'reference') {
    writeFileSync(request.reference, serialize(suite.reference(inputs)));
    return { note: '' };
  }
  const contender = contenders.find((c) => c.name === request.contender);
  if (!contender) return { note: `no contender named ${request.contender}` };
  const loaded = await contender.load(request.threads);
  if ('unavailable' in loaded) return { note: `not available: ${loaded.unavailable}` };
  const version = loaded.version;
  const prepare = loaded.cases[request.suite as SuiteName] as Cases[SuiteName];
  if (!prepare) return { version, note: 'not available: it has no such operation' };
  try {
    const job: Job = await prepare(inputs);
    const expected = deserialize(readFileSync(request.reference)) as Outputs;
    const agreement = compare(await job.check(), expected, suite.tolerance);
    if (!agreement.agrees) return { version, agrees: false, note: `not timed, its results differ: ${agreement.note}` };
    return { version, agrees: true, times: await measure(() => job.run(), request.reps), note: agreement.note };
  } catch (error) {
    return { version, note: `fails: ${error instanceof Error ? error.message : String(error)}` };
  }
}

process.once('message', (request: TrialRequest) => {
  trial(request)
    .catch((error: unknown): TrialReply => ({ note: `fails: ${error instanceof Error ? error.message : String(error)}` }))
    .then((reply) => process.send?.(reply, () => process.exit(0)))
    .catch(() => process.exit(1));
});
