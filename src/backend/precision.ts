import { SarafError } from '../errors.js';
import { PRECISIONS, type Precision, type PrecisionCode } from './backend.js';
import { loadAddon } from './native.js';

/** Narrower operands leave a tile of the processor mostly empty: their products stay float32. */
const NARROWEST = 16;

/**
 * Checks a precision by name, and that this machine can do it.
 *
 * Throws: ERR_ARG for an unknown name; ERR_DEVICE with the reason where products in bfloat16 cannot be had.
 */
export function checkPrecision(op: string, precision: Precision | undefined): Precision {
  const chosen = precision ?? 'float32';
  if (!Object.hasOwn(PRECISIONS, chosen))
    throw new SarafError('ERR_ARG', op, `expected precision to be float32 or bfloat16, received ${String(chosen)}`);
  if (chosen === 'bfloat16') {
    const absent = loadAddon().native.bf16Absent();
    if (absent !== null)
      throw new SarafError('ERR_DEVICE', op, `expected a machine that multiplies in bfloat16, but ${absent}; use precision: 'float32'`);
  }
  return chosen;
}

/** The code for kernels whose operands have these widths (features, units, channels of a group): float32 where one is narrow. */
export function precisionCode(precision: Precision | undefined, ...widths: readonly number[]): PrecisionCode {
  return precision === 'bfloat16' && widths.every((n) => n >= NARROWEST) ? PRECISIONS.bfloat16 : PRECISIONS.float32;
}
