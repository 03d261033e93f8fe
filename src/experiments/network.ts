import { withoutInitializers } from '../layers/layer.js';
import type { Model } from '../models/model.js';
import { compileRecord } from '../models/save.js';
import { fingerprint } from './fingerprint.js';
import type { Job } from './jobs.js';
import type { RunStore } from './run-store.js';
import { freshModel } from './train.js';

/**
 * SHA-256 of how a network is defined: its layers with their options, how they are joined, optimizer, losses and metrics. Not of its
 * weights, nor of the keys of its draws, so that it is the same for every seed.
 */
export function networkFingerprint(model: Model): string {
  const { compilation } = model;
  const definition = { network: model.getConfig(), compile: compilation && compileRecord(compilation) };
  const plain = JSON.stringify(definition, (key, value: unknown) => (key === 'randomKey' ? undefined : value));
  return fingerprint(JSON.parse(plain));
}

/** Jobs that differ in their seed only have the same network and hold the same memory. */
export function networkKey(job: Job): string {
  return JSON.stringify([job.experiment.id, job.preparedHash, job.mask, job.config]);
}

/** Fingerprint of the network that a job trains: built without drawing weights, then forgotten. */
export function networkOf(job: Job): string {
  return networkFingerprint(withoutInitializers(Infinity, () => freshModel(job)));
}

/** Which of some finished jobs were trained with a network that is defined otherwise now. A run that does not say is taken as it is. */
export function redefinedJobs(jobs: readonly Job[], store: RunStore): Job[] {
  const now = new Map<string, string>();
  return jobs.filter((job) => {
    const then = store.network(job.id);
    if (then === null) return false;
    const key = networkKey(job);
    const network = now.get(key) ?? networkOf(job);
    now.set(key, network);
    return network !== then;
  });
}
