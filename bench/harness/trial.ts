// One trial, a process of its own: makes the case's inputs and checks the results against the reference; then it waits and
// takes times whenever asked, so that contenders can take turns.
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { contenders } from '../contenders/index.js';
import { suiteNamed, type AnySuite } from '../suites/index.js';
import type { Job, Outputs, Shape } from '../suites/suite.js';
import { NotAvailable, type AnyCases, type LoadedContender, type Unavailable } from '../contenders/contender.js';
import { compare, errorsOf, ofVariant } from './compare.js';
import { sample } from './measure.js';
import type { Prepared, SampleRequest, TrialRequest } from './types.js';

const because = (error: unknown): string => (error instanceof Error ? (error.message.split('\n', 1)[0] as string) : String(error));
let job: Job | undefined;
/** A process serves one contender at one number of threads; one that is slow to load serves several shapes. */
let loading: Promise<LoadedContender | Unavailable> | undefined;

async function prepare(request: TrialRequest): Promise<Prepared> {
  const suite = suiteNamed(request.suite) as AnySuite;
  const inputs = suite.inputs(suite.shapes.find((s) => s.name === request.shape) as Shape);
  if (request.role === 'reference') {
    writeFileSync(request.reference, serialize(suite.reference(inputs)));
    return { ready: false, note: '' };
  }
  const contender = contenders.find((c) => c.name === request.contender);
  if (!contender) return { ready: false, note: `no contender named ${request.contender}` };
  const loaded = await (loading ??= contender.load(request.threads));
  if ('unavailable' in loaded) return { ready: false, lacksSuite: true, note: `not available: ${loaded.unavailable}` };
  const { version } = loaded;
  const start = (loaded.cases as AnyCases)[request.suite];
  if (!start) return { ready: false, lacksSuite: true, version, note: 'not available: it has no such operation' };
  try {
    const made = await start(inputs);
    const expected = ofVariant(deserialize(readFileSync(request.reference)) as Outputs, made.variant);
    const outputs = await made.check();
    const { agrees, note } = compare(outputs, expected, made.tolerance ?? suite.tolerance);
    if (!agrees) return { ready: false, version, agrees, note: `not timed, its results differ: ${note}` };
    job = made;
    return { ready: true, version, agrees, errors: errorsOf(outputs, expected, made.direct?.()), note };
  } catch (error) {
    return { ready: false, version, note: `${error instanceof NotAvailable ? 'not available' : 'fails'}: ${because(error)}` };
  }
}

const answer = (message: object): void => void process.send?.(message);

// Without the bench there is nobody to answer.
process.on('disconnect', () => process.exit(0));
process.on('message', (message: { prepare: TrialRequest } | { sample: SampleRequest } | { end: true }) => {
  if ('end' in message) process.exit(0);
  const work: Promise<object> = 'prepare' in message ? prepare(message.prepare) : sample(job as Job, message.sample);
  work.then(answer, (error: unknown) => answer({ failed: because(error) }));
});
