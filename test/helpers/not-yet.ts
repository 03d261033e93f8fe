// Cases of Keras' fixtures that need what saraf does not have yet. A case that comes to be supported must leave its list.

/** Losses over a whole batch, metrics with sample weights. */
export const OTHERS_NOT_YET: readonly string[] = ['losses/dice', 'losses/tversky'];
