import type { Contender } from './contender.js';
import { onnxruntimeNode } from './onnxruntime-node.js';
import { saraf } from './saraf.js';
import { tfjsCpu } from './tfjs-cpu.js';
import { tfjsNode } from './tfjs-node.js';
import { tfjsWasm } from './tfjs-wasm.js';

/** Everyone who may be timed; saraf first, the others are its peers. */
export const contenders: readonly Contender[] = [saraf, tfjsNode, onnxruntimeNode, tfjsWasm, tfjsCpu];

export const SARAF = saraf.name;
