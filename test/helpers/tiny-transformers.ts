import { createRequire } from 'node:module';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOnnx, typeCode, type OnnxModel, type OnnxNode, type OnnxPort, type OnnxTensor } from '../../src/onnx/proto.js';
import { Philox } from '../../src/tensor/random.js';

/** A folder with node_modules/@huggingface/transformers, or where the bench keeps it. */
const folders = [process.env['SARAF_TRANSFORMERS'], join(import.meta.dirname, '..', '..', 'bench', '.cache', 'peers', 'transformers')];
const found = folders.find(
  (f): f is string => f !== undefined && existsSync(join(f, 'node_modules', '@huggingface', 'transformers', 'package.json')),
);

/** Why there is no transformers.js, or null if there is. */
export const noTransformers = found
  ? null
  : 'no @huggingface/transformers: set SARAF_TRANSFORMERS to a folder where it is installed, or npm run peers';

export const transformers = (): unknown => createRequire(join(found as string, 'package.json'))('@huggingface/transformers');

const SPECIAL = ['[PAD]', '[UNK]', '[MASK]', '[EOS]'];
/** What its models know: words, a piece of one, a sign. */
export const TINY_WORDS = ['saya', 'kamu', 'makan', 'minum', 'nasi', 'teh', 'enak', 'segar', 'sekali', '##nya', '!'];
const VOCABULARY = [...SPECIAL, ...TINY_WORDS];
const SIZE = 8;

const node = (op: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  attributes,
});
const floats = (name: string, dims: number[], values: Float32Array): OnnxTensor => ({
  name,
  dims,
  type: 'float32',
  bytes: new Uint8Array(values.buffer),
});
const whole = (name: string, values: number[]): OnnxTensor => ({
  name,
  dims: [values.length],
  type: 'int64',
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

function weights(seed: number): OnnxTensor[] {
  const random = new Philox(seed, 77);
  const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.uniform(-1, 1));
  return [
    floats('E', [VOCABULARY.length, SIZE], draw(VOCABULARY.length * SIZE)),
    floats('W', [SIZE, VOCABULARY.length], draw(VOCABULARY.length * SIZE)),
    whole('one', [1]),
    whole('two', [2]),
  ];
}

/** Sum of a text's vectors, padding left out. */
const context = (vectors: string, mask: string): OnnxNode[] => [
  node('Cast', [mask], 'real', { to: typeCode('float32') }),
  node('Unsqueeze', ['real', 'two'], 'column'),
  node('Mul', [vectors, 'column'], 'kept'),
  node('ReduceSum', ['kept', 'one'], 'context', { keepdims: 1 }),
];

const ids = (name: string, width: string): OnnxPort => ({ name, type: 'int64', dims: ['N', width] });

async function write(folder: string, file: string, model: OnnxModel): Promise<void> {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'onnx', file), await encodeOnnx(model));
}

function writeJson(folder: string, config: object, tokenizerClass: string, mask: boolean): void {
  mkdirSync(folder, { recursive: true });
  const token = (content: string, id: number): object => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const files = {
    'config.json': config,
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: SPECIAL.map(token),
      normalizer: null,
      pre_tokenizer: { type: 'WhitespaceSplit' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(VOCABULARY.map((word, id) => [word, id])),
      },
    },
    'tokenizer_config.json': {
      tokenizer_class: tokenizerClass,
      ...(mask ? { mask_token: '[MASK]' } : {}),
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      eos_token: '[EOS]',
      model_max_length: 64,
    },
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
}

/** A masked language model with random weights: every word from the sum of the others. */
export async function writeTinyFillMask(folder: string, seed: number, { mask = true } = {}): Promise<void> {
  writeJson(
    folder,
    { model_type: 'bert', architectures: ['BertForMaskedLM'], vocab_size: VOCABULARY.length, hidden_size: SIZE },
    'BertTokenizer',
    mask,
  );
  await write(folder, 'model.onnx', {
    name: 'tiny',
    nodes: [
      node('Gather', ['E', 'input_ids'], 'vectors'),
      ...context('vectors', 'attention_mask'),
      node('Add', ['vectors', 'context'], 'both'),
      node('MatMul', ['both', 'W'], 'logits'),
    ],
    constants: weights(seed),
    inputs: [ids('input_ids', 'T'), ids('attention_mask', 'T')],
    outputs: [{ name: 'logits', type: 'float32', dims: ['N', 'T', VOCABULARY.length] }],
  });
}

/** An encoder and a decoder with random weights: every word from the one before it and the sum of the source. */
export async function writeTinyTranslation(folder: string, seed: number): Promise<void> {
  writeJson(
    folder,
    {
      model_type: 'marian',
      architectures: ['MarianMTModel'],
      is_encoder_decoder: true,
      vocab_size: VOCABULARY.length,
      d_model: SIZE,
      encoder_layers: 1,
      decoder_layers: 1,
      encoder_attention_heads: 1,
      decoder_attention_heads: 1,
      decoder_start_token_id: 0,
      pad_token_id: 0,
      eos_token_id: 3,
    },
    'PreTrainedTokenizerFast',
    false,
  );
  const hidden: OnnxPort = { name: 'last_hidden_state', type: 'float32', dims: ['N', 'T', SIZE] };
  await write(folder, 'encoder_model.onnx', {
    name: 'encoder',
    nodes: [node('Gather', ['E', 'input_ids'], 'last_hidden_state')],
    constants: weights(seed).slice(0, 1),
    inputs: [ids('input_ids', 'T')],
    outputs: [hidden],
  });
  await write(folder, 'decoder_model_merged.onnx', {
    name: 'decoder',
    nodes: [
      node('Gather', ['E', 'input_ids'], 'vectors'),
      ...context('encoder_hidden_states', 'encoder_attention_mask'),
      node('Add', ['vectors', 'context'], 'both'),
      node('MatMul', ['both', 'W'], 'logits'),
    ],
    constants: weights(seed + 1),
    inputs: [ids('input_ids', 'S'), { ...hidden, name: 'encoder_hidden_states' }, ids('encoder_attention_mask', 'T')],
    outputs: [{ name: 'logits', type: 'float32', dims: ['N', 'S', VOCABULARY.length] }],
  });
}
