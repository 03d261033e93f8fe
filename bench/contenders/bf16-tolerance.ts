/**
 * Eight bits of mantissa: a loss to two digits. Adam's first step is nearly the gradient's sign, which flips for the smallest
 * gradients: a few in a hundred flipped signs are an error of 0.4; a missing gradient would be one of 1.
 */
export const BF16_TOLERANCE: Readonly<Record<string, number>> = { loss: 1e-2, update: 0.5 };
