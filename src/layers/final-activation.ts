import type { Layer, LayerContext } from './layer.js';

/** The activations whose derivative a cross-entropy takes over: the loss is then computed from the logits, without clipping. */
export type FinalActivation = 'softmax' | 'sigmoid';

/**
 * The activation that ends this layer, if the layer can leave it out.
 *
 * When it is a model's last layer and the loss is a cross-entropy, the trainer asks with `wantsLogits`: `forward` then
 * returns z instead of act(z) and `backward` receives dL/dz, as if the activation were linear (Keras does the same with
 * `_keras_logits`). A penalty on what the activation gives needs it.
 */
export function finalActivationOf(layer: Layer): FinalActivation | null {
  return layer.activityRegularizer ? null : layer.finalActivation;
}

/** Whether this call must leave the layer's last activation out, in forward and in backward. */
export function wantsLogits(ctx: LayerContext): boolean {
  return 'wantsLogits' in ctx && ctx.wantsLogits === true;
}
