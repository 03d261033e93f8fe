import { afterEach, describe, expect, it } from 'vitest';
import { ACTIVATIONS, RECURRENT } from '../../src/backend/backend.js';
import { RECORDED_HASHES } from '../../src/experiments/verify/hashes.js';
import { FIXED_NETWORKS, trainedHash } from '../../src/experiments/verify/networks.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase } from './geometry.js';
import { expectBits, expectClose, native, randomFloats, withSetting } from './helpers.js';

/** Sets without FMA that this machine can run. */
const WITHOUT_FMA = ['sse2', 'avx'].filter((isa) => native.isas().includes(isa));

afterEach(() => native.setExact(true));

function product(): Float32Array {
  const [M, N, K] = [37, 53, 700];
  const y = new Float32Array(M * N);
  native.matmul(randomFloats(M * K, 1), randomFloats(K * N, 2), y, M, N, K, false, false);
  return y;
}
function convolution(winograd: boolean): Float32Array {
  const c = windowCase([8, 8, 8, 16], { kernel: 3, filters: 16, padding: 'same' });
  const y = new Float32Array(outputLength(c));
  native.convForward(
    randomFloats(inputLength(c), 3),
    randomFloats(kernelLength(c), 4),
    randomFloats(16, 5),
    y,
    geometryOf(c, winograd),
    ACTIVATIONS.relu,
  );
  return y;
}
function recurrence(): Float32Array {
  const [N, T, D, U] = [5, 12, 9, 19];
  const y = new Float32Array(N * T * U);
  const geometry = Int32Array.of(N, T, D, U, RECURRENT.resetAfter);
  native.gruForward(
    randomFloats(N * T * D, 6),
    randomFloats(D * 3 * U, 7, 0.3),
    randomFloats(U * 3 * U, 8, 0.3),
    randomFloats(6 * U, 9, 0.1),
    null,
    null,
    y,
    new Float32Array(N * U),
    null,
    geometry,
  );
  return y;
}
const WORK: [string, () => Float32Array][] = [
  ['a product', product],
  ['a convolution', () => convolution(false)],
  ['a convolution by Winograd', () => convolution(true)],
  ['a GRU', recurrence],
];

describe('exact: false', () => {
  it.each(WORK)('%s: close to the exact one, one result for every set without FMA and any threads', (label, work) => {
    const exact = withSetting('ref', 1, work);
    native.setExact(false);
    const results = WITHOUT_FMA.flatMap((isa) => [1, 2, 3].map((threads) => withSetting(isa, threads, work)));
    for (const got of results) {
      expectClose(got, exact, 1e-4, label);
      expectBits(got, results[0] as Float32Array, label);
    }
    expect(results[0]).not.toEqual(exact);
  });

  it('runs kernels of its own, named so, and says that it is not exact', () => {
    for (const isa of WITHOUT_FMA) {
      native.setExact(false);
      native.resetKernelsRun();
      withSetting(isa, 1, () => {
        product();
        expect([native.isa(), native.exact()]).toEqual([isa, false]);
      });
      expect(native.kernelsRun()).toEqual({ [`f32_gemm__${isa}_inexact`]: 1 });
    }
  });

  it('changes nothing on sets with FMA and on ref', () => {
    native.setExact(false);
    for (const isa of native.isas().filter((name) => !WITHOUT_FMA.includes(name))) {
      withSetting(isa, 1, () => {
        expect(native.exact()).toBe(true);
        for (const [label, work] of WORK) expectBits(work(), withSetting('ref', 1, work), `${label} on ${isa}`);
      });
    }
  });

  it('trains to its own bits, the same for sets without FMA and any threads; back to exact, to the recorded ones', async () => {
    const hashes = async (isa: string, threads: number): Promise<string[]> => {
      const usual = native.isa();
      native.setIsa(isa);
      native.setThreads(threads);
      try {
        const list: string[] = [];
        for (const network of FIXED_NETWORKS) list.push(await trainedHash(network));
        return list;
      } finally {
        native.setIsa(usual);
        native.setThreads(0);
      }
    };
    const recorded = FIXED_NETWORKS.map((n) => RECORDED_HASHES[n.name]);
    native.setExact(false);
    const first = await hashes('sse2', 1);
    for (const hash of first) expect(recorded).not.toContain(hash);
    for (const isa of WITHOUT_FMA) expect(await hashes(isa, 2)).toEqual(first);
    native.setExact(true);
    expect(await hashes('sse2', 2)).toEqual(recorded);
  });
});
