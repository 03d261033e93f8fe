import type { Contender } from './contender.js';
import { danfojs, papaparse, polars } from './csv-readers.js';
import { onednn } from './onednn.js';
import { onnxruntimeNode } from './onnxruntime-node.js';
import { openblas } from './openblas.js';
import { jax, tensorflow, torch, torchBf16 } from './python/frameworks.js';
import { gensim } from './python/gensim.js';
import { saraf } from './saraf.js';
import { sarafBf16 } from './saraf-bf16.js';
import { tfjsCpu } from './tfjs-cpu.js';
import { tfjsNode } from './tfjs-node.js';
import { tfjsWasm } from './tfjs-wasm.js';

/** Everyone who may be timed; saraf first, the others are its peers. */
export const contenders: readonly Contender[] = [
  saraf,
  sarafBf16,
  tfjsNode,
  onnxruntimeNode,
  tfjsWasm,
  tfjsCpu,
  torch,
  torchBf16,
  tensorflow,
  jax,
  gensim,
  danfojs,
  papaparse,
  polars,
  onednn,
  openblas,
];

export const SARAF = saraf.name;
