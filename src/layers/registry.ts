import { SarafError } from '../errors.js';
import type { Layer } from './layer.js';

/** How a layer is written to a file. */
export interface LayerConfig {
  className: string;
  config: Record<string, unknown>;
}

export type LayerFactory = (config: Record<string, unknown>) => Layer;

const factories = new Map<string, LayerFactory>();

/**
 * Makes a layer class known to `layerFromConfig`, so that models with it can be loaded.
 *
 * Example: registerLayer('Scale', (config) => new Scale(config))
 */
export function registerLayer(className: string, make: LayerFactory): void {
  factories.set(className, make);
}

/** Class names that `layerFromConfig` can build, in alphabetical order. */
export function layerClassNames(): string[] {
  return [...factories.keys()].sort();
}

/** Whether a class name is known, to list all unknown ones of a file at once. */
export function isLayerClassName(className: string): boolean {
  return factories.has(className);
}

/**
 * Builds a layer from its class name and options.
 *
 * Throws: ERR_FORMAT if the class name is unknown.
 * Example: layerFromConfig({ className: 'Dense', config: { units: 3 } })
 */
export function layerFromConfig({ className, config }: LayerConfig): Layer {
  const make = factories.get(className);
  if (!make) {
    throw new SarafError(
      'ERR_FORMAT',
      'layerFromConfig',
      `expected a layer class, one of ${layerClassNames().join(', ')}, received ${String(className)}; call registerLayer for a class of your own`,
    );
  }
  return make(config);
}

/** What `layerFromConfig` needs to build the layer again. */
export function layerConfig(layer: Layer): LayerConfig {
  return { className: layer.className, config: layer.getConfig() };
}

/** A new, unbuilt layer of the same class and options. Needs to be registered, or a constructor that takes what `getConfig` returns. */
export function copyLayer(layer: Layer, changes: Record<string, unknown> = {}): Layer {
  if (factories.has(layer.className)) return layerFromConfig({ className: layer.className, config: { ...layer.getConfig(), ...changes } });
  const Class = layer.constructor as new (options: Record<string, unknown>) => Layer;
  return new Class({ ...layer.getConfig(), ...changes });
}
