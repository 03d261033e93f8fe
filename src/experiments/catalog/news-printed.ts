import type { Printed } from '../printed.js';

/** What document 004 prints of its chosen setting's classes, and of its sweep where the settings are not printed one by one. */
export const NEWS_PRINTED: Printed = {
  classes: [
    {
      factor: 'architecture',
      variant: 'C-LSTM',
      classes: [
        ['Internasional', 94.37, 91.53, 92.93],
        ['Nasional', 93.98, 96.9, 95.42],
        ['Regional', 88.89, 74.42, 81.01],
      ],
      weighted: { f1: 93.27 },
    },
  ],
  means: [
    {
      factor: 'sweep',
      axis: 'documents',
      values: [
        ['500', 27.89],
        ['1000', 63.12],
        ['1500', 69.17],
        ['2000', 75.37],
        ['2500', 78.96],
        ['3000', 86.63],
        ['3500', 83.96],
        ['4000', 84.13],
        ['4500', 88.02],
        ['5000', 89.34],
      ],
    },
    {
      factor: 'sweep',
      axis: 'batch size',
      values: [['16', 80]],
      note: 'Batch 16 is printed as about .80, and the others as lower the larger they are.',
    },
    {
      factor: 'sweep',
      axis: 'learning rate',
      values: [
        ['1e-3', 80.98],
        ['1e-4', 68.34],
      ],
      note: 'Derived from the printed figures.',
    },
  ],
};
