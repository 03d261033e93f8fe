import { expect, test } from 'vitest';
import { Monitor } from '../../src/callbacks/monitor.js';

test("auto knows which metrics are better when larger, by saraf's and by Keras' names", () => {
  const larger = (monitor: string): boolean => new Monitor('earlyStopping', { monitor }).larger;
  const up = [
    'val_accuracy',
    'val_auc',
    'macroF1',
    'val_fBetaScore',
    'fbeta_score',
    'meanIoU',
    'mean_io_u_1',
    'val_r2Score',
    'truePositives',
  ];
  expect([...up, 'sensitivityAtSpecificity', 'cosine_similarity', 'pearsonCorrelation'].filter((name) => !larger(name))).toEqual([]);
  expect(
    [
      'val_loss',
      'val_acceleration_loss',
      'val_account_mae',
      'auctions_meanSquaredError',
      'previousLoss',
      'mae',
      'rootMeanSquaredError',
      'falsePositives',
      'hinge',
      'klDivergence',
      'poisson',
    ].filter(larger),
  ).toEqual([]);
});
