import { onHost } from './host.js';
import type { LossCall, LossRows } from './loss.js';

/** Rows of a loss that is the mean over the last axis of `value(prediction − target)`, with `slope` its derivative. */
export function meanOfErrors(call: LossCall, out: LossRows, value: (error: number) => number, slope: (error: number) => number): void {
  const { rows, cols, weight, scale, values } = out;
  const p = call.yPred.data();
  const t = call.yTrue.data();
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * cols; i < (r + 1) * cols; i++) sum += value((p[i] as number) - (t[i] as number));
    const w = weight ? (weight[r] as number) : 1;
    values[r] = w === 0 ? 0 : (w * sum) / cols;
  }
  if (!call.gradient) return;
  onHost(call.gradient, (g) => {
    for (let r = 0; r < rows; r++) {
      const w = ((weight ? (weight[r] as number) : 1) * scale) / cols;
      for (let i = r * cols; i < (r + 1) * cols; i++) g[i] = w * slope((p[i] as number) - (t[i] as number));
    }
  });
}

/** Rows of a loss that is the mean or the sum over the last axis of `value(target, prediction)`, with `slope` its derivative by the prediction. */
export function pairs(
  call: LossCall,
  out: LossRows,
  kind: 'mean' | 'sum',
  value: (target: number, prediction: number) => number,
  slope: (target: number, prediction: number) => number,
): void {
  const { rows, cols, weight, scale, values } = out;
  const p = call.yPred.data();
  const t = call.yTrue.data();
  const divisor = kind === 'mean' ? cols : 1;
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * cols; i < (r + 1) * cols; i++) sum += value(t[i] as number, p[i] as number);
    const w = weight ? (weight[r] as number) : 1;
    values[r] = w === 0 ? 0 : (w * sum) / divisor;
  }
  if (!call.gradient) return;
  onHost(call.gradient, (g) => {
    for (let r = 0; r < rows; r++) {
      const w = ((weight ? (weight[r] as number) : 1) * scale) / divisor;
      for (let i = r * cols; i < (r + 1) * cols; i++) g[i] = w === 0 ? 0 : w * slope(t[i] as number, p[i] as number);
    }
  });
}
