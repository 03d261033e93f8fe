export { augmentTexts, type Augmented, type AugmentOptions, type AugmentProgress } from './augment/augment-texts.js';
export { AUGMENT_OPERATIONS, type AugmentationEngine, type AugmentOperation, type AugmentTask } from './augment/engine.js';
export { languageModelEngine, type LanguageModelEngineOptions } from './augment/language-model-engine.js';
export { MaskedLanguageModel, type Fitting, type MaskedContext, type MaskedLanguageModelOptions } from './augment/masked-language-model.js';
export { slangSynonyms } from './augment/slang-synonyms.js';
export {
  transformersEngine,
  type TransformersEngine,
  type TransformersEngineOptions,
  type Translator,
} from './augment/transformers-engine.js';
export type { Synonyms } from './augment/words.js';
export { cleaner, type CleanOptions } from './clean.js';
export { cleanText, type CleanTextOptions } from './clean-text.js';
export { rootWords } from './indonesian/root-words.js';
export { Stemmer, type Derivation, type StemmerOptions } from './indonesian/stemmer.js';
export { stopWords } from './indonesian/stop-words.js';
export { padSequences, type PadSequencesOptions } from './pad-sequences.js';
export { SlangDictionary, type SlangEntries } from './slang.js';
export { removeStopWords, type StopWordOptions } from './stop-words.js';
export { TextVectorization, type OutputMode, type TextVectorizationOptions } from './text-vectorization.js';
export type { Split, Standardize } from './tokenize.js';
export { Tokenizer, type MatrixMode, type TokenizerOptions, type TokenizerText } from './tokenizer.js';
export { publishedSteps, type PublishedSteps } from './pipeline/published-steps.js';
export { TextPipeline, type ExplainedStep, type StepStatistics, type TextPipelineOptions } from './pipeline/text-pipeline.js';
