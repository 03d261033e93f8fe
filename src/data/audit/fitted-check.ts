import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../text/text-vectorization.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { shareOf, type LeakFinding } from './finding.js';

/** What has learnt a vocabulary from texts. */
export type FittedOnTexts = TextPipeline | TextVectorization | Tokenizer;

/**
 * A vocabulary that knows words which only the test texts hold has seen them, or came from elsewhere; a pipeline that learnt from more texts
 * than there are in the training part has seen others.
 */
export function checkFitted(fitted: FittedOnTexts, train: readonly string[], test: readonly string[], examples: number): LeakFinding[] {
  const pipeline = fitted instanceof TextPipeline ? fitted : null;
  const vectorizer = fitted instanceof TextPipeline ? fitted.vectorizer : fitted;
  const learnt = pipeline?.learntTexts ?? null;
  const more = learnt !== null && learnt > train.length ? `It learnt from ${learnt} texts, the training part has ${train.length}. ` : '';
  const found: { train: null; test: number; text: string }[] = [];
  if (vectorizer) {
    const known = (text: string): string[] =>
      vectorizer.lookUp(pipeline ? pipeline.process(text) : text).flatMap((t) => (t.known ? [t.token] : []));
    const trained = new Set(train.flatMap(known));
    for (const [row, text] of test.entries()) {
      const strange = known(text).filter((token) => !trained.has(token));
      if (strange.length > 0) found.push({ train: null, test: row, text: strange.join(' ') });
    }
  }
  if (found.length === 0 && more === '') return [];
  // A vocabulary of limited size is a choice of features.
  const limited =
    vectorizer !== null && (vectorizer instanceof TextVectorization ? vectorizer.maxTokens !== null : Boolean(vectorizer.numWords));
  const words =
    found.length === 0
      ? ''
      : `${shareOf(found.length, test.length, 'test texts')} hold words that the vocabulary knows and no training text has. `;
  return [
    {
      kind: 'fitted-before-split',
      leakType: limited ? 'L1.3' : 'L1.2',
      count: found.length === 0 ? test.length : found.length,
      of: test.length,
      message: `${more}${words}Fit it on the training texts alone.`,
      examples: found.slice(0, examples),
    },
  ];
}
