// Cases of Keras' fixtures that need what saraf does not have yet. A case that comes to be supported must leave its list.

/** Layers. */
export const LAYERS_NOT_YET: readonly string[] = ['layers/Conv3D/same-k2', 'layers/Conv3D/valid-k3-s2'];

/** Losses over a whole batch, metrics with sample weights. */
export const OTHERS_NOT_YET: readonly string[] = [
  'losses/dice',
  'losses/tversky',
  'metrics/auc-logits',
  'metrics/auc-multi-label',
  'metrics/auc-pr',
  'metrics/auc-roc',
  'metrics/auc-roc-majoring-20',
  'metrics/auc-roc-minoring',
  'metrics/auc-roc-ties',
  'metrics/f1-macro',
  'metrics/f1-micro',
  'metrics/f1-none',
  'metrics/f1-threshold',
  'metrics/f1-weighted',
  'metrics/false-negatives',
  'metrics/fbeta-2',
  'metrics/mean-iou',
  'metrics/precision',
  'metrics/precision-class-1',
  'metrics/precision-thresholds',
  'metrics/precision-top-2',
  'metrics/r2',
  'metrics/r2-variance-weighted',
  'metrics/recall',
  'metrics/recall-class-2',
  'metrics/recall-thresholds',
  'metrics/true-positives',
];
