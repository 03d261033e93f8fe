import { SarafError } from '../errors.js';
import type { FloatType } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import { withRules } from './weight-rules.js';
import type { SymbolicShape } from './layer.js';

const COMMON_OPTIONS = ['name', 'trainable', 'seed', 'inputShape', 'activityRegularizer'];

/** A shape as people read it: `(32,100,64)`, an open axis as `?`. */
export function showShape(shape: SymbolicShape): string {
  return `(${shape.map((n) => n ?? '?').join(',')})`;
}

/** Throws ERR_ARG naming an option that the layer does not have: a misspelt option must not be ignored. */
export function knownOptions(op: string, options: object, names: readonly string[]): void {
  const known = withRules(names);
  const unknown = Object.keys(options).filter((name) => !known.includes(name) && !COMMON_OPTIONS.includes(name));
  if (unknown.length > 0)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected options among ${[...names, ...COMMON_OPTIONS].join(', ')}, received ${unknown.join(', ')}`,
    );
}

/** Throws ERR_ARG unless `value` is an integer >= 1. */
export function positiveInteger(op: string, name: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new SarafError('ERR_ARG', op, `expected ${name} to be a positive integer, received ${String(value)}`);
  }
  return value as number;
}

/** Throws ERR_ARG unless `value` is one of `allowed`. */
export function oneOf<T>(op: string, name: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) {
    throw new SarafError('ERR_ARG', op, `expected ${name} to be one of ${allowed.map(String).join(', ')}, received ${String(value)}`);
  }
  return value as T;
}

/** A window option (`kernelSize: 3` or `[3, 5]`) as `axes` positive integers. */
export function window(op: string, name: string, value: number | readonly number[], axes: number): number[] {
  const list = typeof value === 'number' ? Array.from({ length: axes }, () => value) : [...value];
  if (list.length !== axes) {
    throw new SarafError('ERR_ARG', op, `expected ${name} to be one integer or ${axes} of them, received [${list.join(',')}]`);
  }
  for (const n of list) positiveInteger(op, name, n);
  return list;
}

/** Throws ERR_ARG unless the layer was given as many inputs as it takes. */
export function inputCount(op: string, count: number, least: number, most = least): void {
  if (count < least || count > most) {
    const expected = least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw new SarafError('ERR_ARG', op, `expected ${expected} input${expected === '1' ? '' : 's'}, received ${count}`);
  }
}

/** The only input's shape. Throws ERR_ARG if there are more. */
export function onlyShape(op: string, shapes: readonly SymbolicShape[]): SymbolicShape {
  inputCount(op, shapes.length, 1);
  return shapes[0] as SymbolicShape;
}

/** Number of axes that a window moves over. */
export type WindowAxes = 1 | 2 | 3;

const IMAGES: Readonly<Record<WindowAxes, string>> = { 1: '(N,W,C)', 2: '(N,H,W,C)', 3: '(N,D,H,W,C)' };

/** Throws ERR_SHAPE unless x has so many axes between batch and channels; `names` is how its shape is written. */
export function imageInput(op: string, shape: SymbolicShape, axes: WindowAxes, names = IMAGES[axes]): void {
  if (shape.length === axes + 2) return;
  const fix = shape.length === axes + 1 ? '; add a channel axis with x.expandDims(-1)' : '';
  throw new SarafError('ERR_SHAPE', op, `expected x of shape ${names}, received ${showShape(shape)}${fix}`);
}

/** The last axis of a shape, which must be known. */
export function lastAxis(op: string, shape: SymbolicShape): number {
  const last = shape.at(-1);
  if (last == null) {
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected an input whose last axis is known, received ${showShape(shape)}; give inputShape in full`,
    );
  }
  return last;
}

/** The shape of a running call, all axes known. */
export function fullShape(op: string, shape: SymbolicShape): Shape {
  for (const n of shape) {
    if (n === null) throw new SarafError('ERR_SHAPE', op, `expected a shape with all axes known, received ${showShape(shape)}`);
  }
  return shape as Shape;
}

/** Throws ERR_DTYPE unless x has the floating type that this model computes in. */
export function floatInput(op: string, x: Tensor, dtype: FloatType): void {
  if (x.dtype !== dtype) {
    const fix = x.dtype === 'int32' ? 'token ids need an embedding layer first' : 'make it with tensor(values, shape, "float32")';
    throw new SarafError('ERR_DTYPE', op, `expected x of type ${dtype}, received ${x.dtype}; ${fix}`);
  }
}

/** Number of an axis counted from the front; negative counts from the end. Throws ERR_ARG outside the rank. */
export function axisIndex(op: string, axis: number, rank: number): number {
  const at = axis < 0 ? rank + axis : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw new SarafError('ERR_ARG', op, `expected axis in [${-rank}, ${rank - 1}], received ${axis}`);
  }
  return at;
}

/** Whether a value is an object with options, not an array or null. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Axes of an option counted from the front, in ascending order. Throws ERR_ARG outside the rank or if one comes twice. */
export function axesOf(op: string, axis: number | readonly number[], rank: number): number[] {
  const axes = (typeof axis === 'number' ? [axis] : [...axis]).map((a) => axisIndex(op, a, rank)).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) throw new SarafError('ERR_ARG', op, `expected each axis once, received ${JSON.stringify(axis)}`);
  return axes;
}

/** The lengths of some axes, which must be known. */
export function knownSizes(op: string, shape: SymbolicShape, axes: readonly number[]): Shape {
  const sizes = axes.map((axis) => shape[axis]);
  if (sizes.some((n) => !n))
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected axes ${axes.join(', ')} to be known, received ${showShape(shape)}; give inputShape in full`,
    );
  return sizes as Shape;
}
