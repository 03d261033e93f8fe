import { SarafError } from '../errors.js';
import { showShape } from './checks.js';
import type { SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

/** An equation and the shapes that it was given, as one product of matrices: x (rows,depth) · kernel (depth,cols). */
export interface EinsumPlan {
  readonly output: SymbolicShape;
  readonly kernel: Shape;
  /** As it lies beside the last axes of the output, 1 where it is the same along an axis; null for none. */
  readonly bias: Shape | null;
  /** Whether the bias is one value for each column, in their order. */
  readonly biasPerColumn: boolean;
  readonly depth: number;
  readonly cols: number;
  /** Axes of x with those that are summed over at the end. */
  readonly xOrder: readonly number[];
  /** Axes of the kernel with those that are summed over in front. */
  readonly kernelOrder: readonly number[];
  /** Axes of the product, those of x in front, in the order of the output. */
  readonly outputOrder: readonly number[];
}

const FORMS = [
  /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/,
  /^0([a-zA-Z]+),([a-zA-Z]+)->0([a-zA-Z]+)$/,
  /^([a-zA-Z]{2,})0,([a-zA-Z]+)->([a-zA-Z]+)0$/,
];

/** Checks an equation on its own. Throws ERR_ARG. */
export function checkEquation(op: string, equation: string, biasAxes: string | null): void {
  const [x, kernel, output] = parts(op, equation);
  const fail = (text: string): never => {
    throw new SarafError('ERR_ARG', op, `${text}, received ${equation}`);
  };
  for (const axes of [x, kernel, output])
    if (new Set(axes).size !== axes.length) fail('expected every axis once in each part of the equation');
  const inputs = new Set(x);
  for (const axis of output) {
    if (inputs.has(axis) === kernel.includes(axis)) fail(`expected axis ${axis} of the output to come from one of input and kernel`);
  }
  for (const axis of new Set(x + kernel)) {
    if (!output.includes(axis) && !(inputs.has(axis) && kernel.includes(axis)))
      fail(`expected axis ${axis}, which is not in the output, in the input and in the kernel`);
  }
  for (const axis of biasAxes ?? '') {
    if (!output.includes(axis))
      throw new SarafError('ERR_ARG', op, `expected biasAxes among the axes of the output, received ${String(biasAxes)} for ${equation}`);
  }
}

function parts(op: string, equation: unknown): [x: string, kernel: string, output: string, elided: 'none' | 'left' | 'right'] {
  const plain = typeof equation === 'string' ? equation.replaceAll('...', '0') : '';
  for (const [i, form] of FORMS.entries()) {
    const found = form.exec(plain);
    if (found) return [found[1] as string, found[2] as string, found[3] as string, (['none', 'left', 'right'] as const)[i] as 'none'];
  }
  throw new SarafError(
    'ERR_ARG',
    op,
    `expected equation to be like ab,bc->ac, ...b,bc->...c or ab...,bc->ac..., received ${JSON.stringify(equation)}`,
  );
}

/**
 * Lays out a checked equation. `outputShape` is the output's without the batch axis and without axes that an ellipsis stands for, null
 * where the input says it.
 *
 * Throws: ERR_SHAPE if the shapes contradict each other or leave a length of the kernel open.
 */
export function einsumPlan(
  op: string,
  equation: string,
  outputShape: readonly (number | null)[],
  biasAxes: string | null,
  x: SymbolicShape,
): EinsumPlan {
  const [inputAxes, kernelAxes, outputAxes, elided] = parts(op, equation);
  const more = x.length - inputAxes.length;
  if (more < 0 || (elided === 'none' && more > 0)) {
    throw new SarafError('ERR_SHAPE', op, `expected x with the axes of ${equation}, received ${showShape(x)}`);
  }
  // Axes that an ellipsis stands for get names of their own.
  const extra = Array.from({ length: more }, (_, i) => `…${i}`);
  const around = (axes: string): string[] => (elided === 'left' ? [...extra, ...axes] : [...axes, ...extra]);
  const [input, kernel, output] = [around(inputAxes), [...kernelAxes], around(outputAxes)];
  // An ellipsis in front is the batch axis and more.
  const named = elided === 'left' && more > 0 ? 0 : 1;
  if (outputShape.length !== outputAxes.length - named) {
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected outputShape to give the axes of ${equation} without the batch axis and the ellipsis, received [${outputShape.join(',')}]`,
    );
  }
  const lengths = new Map<string, number | null>(input.map((axis, i) => [axis, x[i] as number | null]));
  const given = [...outputAxes].slice(named);
  for (const [i, axis] of given.entries()) {
    const [said, known] = [outputShape[i] ?? null, lengths.get(axis)];
    if (said !== null && known != null && said !== known) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected outputShape and x to agree along ${axis} of ${equation}, received ${said} and ${known}`,
      );
    }
    lengths.set(axis, said ?? known ?? null);
  }
  const lengthOf = (axis: string): number => {
    const length = lengths.get(axis);
    if (length == null)
      throw new SarafError('ERR_SHAPE', op, `expected axis ${axis} of ${equation} to be known; give it in outputShape or inputShape`);
    return length;
  };
  const product = (axes: readonly string[]): number => axes.reduce((size, axis) => size * lengthOf(axis), 1);
  const kept = input.filter((axis) => output.includes(axis));
  const free = kernel.filter((axis) => output.includes(axis));
  const summed = kernel.filter((axis) => !output.includes(axis));
  const made = [...kept, ...free];
  const first = biasAxes === null ? -1 : Math.min(...[...biasAxes].map((axis) => output.indexOf(axis)));
  const biased = biasAxes === null ? null : output.slice(first);
  return {
    output: output.map((axis) => lengths.get(axis) ?? null),
    kernel: kernel.map(lengthOf),
    bias: biased && biased.map((axis) => (biasAxes?.includes(axis) ? lengthOf(axis) : 1)),
    biasPerColumn: biased !== null && biased.join() === free.join() && biased.every((axis) => biasAxes?.includes(axis)),
    depth: product(summed),
    cols: product(free),
    xOrder: [...kept, ...summed].map((axis) => input.indexOf(axis)),
    kernelOrder: [...summed, ...free].map((axis) => kernel.indexOf(axis)),
    outputOrder: output.map((axis) => made.indexOf(axis)),
  };
}
