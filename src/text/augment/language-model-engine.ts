import { SarafError } from '../../errors.js';
import type { SlangDictionary } from '../slang.js';
import { editByContext } from './context-edits.js';
import type { AugmentationEngine, AugmentOperation, AugmentTask } from './engine.js';
import { MaskedLanguageModel, type MaskedFitOptions, type MaskedLanguageModelOptions } from './masked-language-model.js';
import { slangSynonyms } from './slang-synonyms.js';
import { deleteWords, replaceBySynonyms, type Synonyms } from './words.js';

export interface LanguageModelEngineOptions extends MaskedFitOptions {
  /** Of the model that is learnt from the texts; or one that has learnt already, from training texts alone. */
  model?: MaskedLanguageModelOptions | MaskedLanguageModel;
  /** The most fitting words that one is drawn from. Default 10. */
  candidates?: number;
  /** For 'synonym': slang both ways, or a map from words to words of the same meaning. */
  synonyms?: SlangDictionary | Synonyms;
}

const OP = 'languageModelEngine';
const KNOWN = ['model', 'candidates', 'synonyms', 'signal', 'onProgress'];

/**
 * The engine that needs no download: a masked language model learnt from the texts themselves, and lists of synonyms.
 *
 * It knows only these texts, so it writes what they might have said, far from a large pretrained model; and it cannot translate.
 * Throws: ERR_ARG for texts of a test part or an unknown option; otherwise as `MaskedLanguageModel`.
 * Example: `await languageModelEngine(train, { synonyms: (await data.loadSlang()).slang, model: { epochs: 5, seed: 1 } })`
 */
export async function languageModelEngine(texts: readonly string[], options: LanguageModelEngineOptions = {}): Promise<AugmentationEngine> {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${KNOWN.join(', ')}, received "${unknown}"`);
  const { candidates = 10, synonyms: given } = options;
  if (!Number.isInteger(candidates) || candidates < 1)
    throw new SarafError('ERR_ARG', OP, `expected candidates to be a whole number of at least 1, received ${String(candidates)}`);
  const synonyms = given && 'entries' in given && 'normalize' in given ? slangSynonyms(given) : given;
  const ready = options.model instanceof MaskedLanguageModel ? options.model : null;
  const model = ready ?? new MaskedLanguageModel(options.model as MaskedLanguageModelOptions);
  if (!ready)
    await model.fit(texts, { signal: options.signal, ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }) });
  else if (ready.learntTexts === null)
    throw new SarafError('ERR_STATE', OP, 'expected a model that has learnt, received one before fit; call fit(trainingTexts) first');
  return new LanguageModelEngine(model, candidates, synonyms as Synonyms | undefined);
}

class LanguageModelEngine implements AugmentationEngine {
  readonly name: string;
  readonly operations: readonly AugmentOperation[];
  readonly without = {
    backTranslate: 'this engine cannot translate: leave the operation out, or use transformersEngine with folders of translation models',
    synonym: 'give languageModelEngine its synonyms: (await data.loadSlang()).slang, or a map of your own',
  };
  private readonly model: MaskedLanguageModel;
  private readonly candidates: number;
  private readonly synonyms: Synonyms | undefined;

  constructor(model: MaskedLanguageModel, candidates: number, synonyms: Synonyms | undefined) {
    this.model = model;
    this.candidates = candidates;
    this.synonyms = synonyms;
    this.operations = synonyms ? ['substitute', 'insert', 'delete', 'synonym'] : ['substitute', 'insert', 'delete'];
    const { units } = model.options;
    this.name = `masked language model of saraf (two LSTMs of ${units} units, ${model.words.length} words, learnt from ${model.learntTexts} texts)`;
  }

  async run(task: AugmentTask): Promise<string[]> {
    const { operation, texts, share, random, signal, progress } = task;
    if (operation === 'substitute' || operation === 'insert') {
      return editByContext(task, async (places, done) => {
        const contexts = places.map(({ words, at, hidden }) => ({
          before: words.slice(0, at),
          after: words.slice(hidden === null ? at : at + 1),
        }));
        // One more than is drawn from: the hidden word itself may be among them.
        return this.model.predict(contexts, this.candidates + 1, { signal, onProgress: done });
      });
    }
    const made = texts.map((text, row) =>
      operation === 'delete'
        ? deleteWords(text, share, random(row))
        : replaceBySynonyms(text, share, random(row), this.synonyms as Synonyms),
    );
    progress(texts.length);
    return made;
  }
}
