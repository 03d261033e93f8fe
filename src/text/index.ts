export { cleanText, type CleanTextOptions } from './clean-text.js';
export { rootWords } from './indonesian/root-words.js';
export { Stemmer, type Derivation, type StemmerOptions } from './indonesian/stemmer.js';
export { padSequences, type PadSequencesOptions } from './pad-sequences.js';
export { TextVectorization, type OutputMode, type TextVectorizationOptions } from './text-vectorization.js';
export type { Split, Standardize } from './tokenize.js';
export { Tokenizer, type MatrixMode, type TokenizerOptions, type TokenizerText } from './tokenizer.js';
