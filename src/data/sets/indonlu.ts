import type { CsvOptions } from '../csv-options.js';
import type { DataSet } from '../data-set.js';

const PUBLIC = 'https://raw.githubusercontent.com/IndoNLP/indonlu/master/dataset/';
const CITE =
  'Wilie et al. 2020, IndoNLU: Benchmark and Resources for Evaluating Indonesian Natural Language Understanding, AACL-IJCNLP 2020';
const LICENCE = 'Apache-2.0 (LICENSE file of the repository; its README says MIT)';
const SMSA: CsvOptions = { header: ['text', 'label'], quote: null };

/** Sentiment of comments and reviews. */
export const smsa: DataSet = {
  id: 'smsa',
  title: 'IndoNLU SmSA: sentiment of Indonesian comments and reviews, 3 classes',
  licence: LICENCE,
  cite: CITE,
  address: 'https://github.com/IndoNLP/indonlu/tree/master/dataset/smsa_doc-sentiment-prosa',
  notes: ['NusaX was built from it: 219 of the 400 Indonesian NusaX test texts occur here'],
  layouts: [
    {
      name: 'original',
      note: '',
      files: [
        {
          name: 'train.tsv',
          mirror: {
            path: 'indonlu/smsa/train.tsv',
            bytes: 2186718,
            sha256: '50f38ceed9b31521bf1581e126620532cc9b790712938159a2cdcf6906977a9b',
            csv: SMSA,
          },
          public: {
            url: `${PUBLIC}smsa_doc-sentiment-prosa/train_preprocess.tsv`,
            bytes: 2186718,
            sha256: '50f38ceed9b31521bf1581e126620532cc9b790712938159a2cdcf6906977a9b',
            csv: SMSA,
          },
          table: {
            rows: 11000,
            columns: ['text', 'label'],
            counts: { column: 'label', of: { negative: 3436, neutral: 1148, positive: 6416 } },
          },
        },
        {
          name: 'valid.tsv',
          mirror: {
            path: 'indonlu/smsa/valid.tsv',
            bytes: 246974,
            sha256: '6ab41ddc9d58a35086f05ebd2e209c74cb03d87d4f51d6abdfba674eafbefa74',
            csv: SMSA,
          },
          public: {
            url: `${PUBLIC}smsa_doc-sentiment-prosa/valid_preprocess.tsv`,
            bytes: 246974,
            sha256: '6ab41ddc9d58a35086f05ebd2e209c74cb03d87d4f51d6abdfba674eafbefa74',
            csv: SMSA,
          },
          table: {
            rows: 1260,
            columns: ['text', 'label'],
            counts: { column: 'label', of: { negative: 394, neutral: 131, positive: 735 } },
          },
        },
        {
          name: 'test.tsv',
          mirror: {
            path: 'indonlu/smsa/test.tsv',
            bytes: 75949,
            sha256: '4e8016daa8e4e1b193f2a28a79d3a7804dd4e3f926a3ab7e8a64264f5f416a6f',
            csv: SMSA,
          },
          public: {
            url: `${PUBLIC}smsa_doc-sentiment-prosa/test_preprocess.tsv`,
            bytes: 75949,
            sha256: '4e8016daa8e4e1b193f2a28a79d3a7804dd4e3f926a3ab7e8a64264f5f416a6f',
            csv: SMSA,
          },
          table: { rows: 500, columns: ['text', 'label'], counts: { column: 'label', of: { negative: 204, neutral: 88, positive: 208 } } },
        },
      ],
    },
  ],
};

/** Emotions of tweets. */
export const emot: DataSet = {
  id: 'emot',
  title: 'IndoNLU EmoT: emotion of Indonesian tweets, 5 classes',
  licence: LICENCE,
  cite: CITE,
  address: 'https://github.com/IndoNLP/indonlu/tree/master/dataset/emot_emotion-twitter',
  notes: [],
  layouts: [
    {
      name: 'original',
      note: '',
      files: [
        {
          name: 'train.csv',
          mirror: {
            path: 'indonlu/emot/train.csv',
            bytes: 674924,
            sha256: '51bb4e77d989004d0ca49c158f404d7eda956015a18b805401f7dee9b4d85fc1',
          },
          public: {
            url: `${PUBLIC}emot_emotion-twitter/train_preprocess.csv`,
            bytes: 674924,
            sha256: '51bb4e77d989004d0ca49c158f404d7eda956015a18b805401f7dee9b4d85fc1',
          },
          table: {
            rows: 3521,
            columns: ['label', 'tweet'],
            counts: { column: 'label', of: { anger: 881, fear: 519, happy: 814, love: 509, sadness: 798 } },
          },
        },
        {
          name: 'valid.csv',
          mirror: {
            path: 'indonlu/emot/valid.csv',
            bytes: 82619,
            sha256: '3cba3d7b2cc3afa5cdd452a13df2498ff8a32b420f59ed10a48e41a452c98f50',
          },
          public: {
            url: `${PUBLIC}emot_emotion-twitter/valid_preprocess.csv`,
            bytes: 82619,
            sha256: '3cba3d7b2cc3afa5cdd452a13df2498ff8a32b420f59ed10a48e41a452c98f50',
          },
          table: {
            rows: 440,
            columns: ['label', 'tweet'],
            counts: { column: 'label', of: { anger: 110, fear: 65, happy: 102, love: 64, sadness: 99 } },
          },
        },
        {
          name: 'test.csv',
          mirror: {
            path: 'indonlu/emot/test.csv',
            bytes: 83445,
            sha256: 'e983b8e4b079a3b76f299cc801305f1098e35281f5b95636432981a2f2a1b461',
          },
          public: {
            url: `${PUBLIC}emot_emotion-twitter/test_preprocess.csv`,
            bytes: 83445,
            sha256: 'e983b8e4b079a3b76f299cc801305f1098e35281f5b95636432981a2f2a1b461',
          },
          table: {
            rows: 440,
            columns: ['label', 'tweet'],
            counts: { column: 'label', of: { anger: 110, fear: 65, happy: 101, love: 64, sadness: 100 } },
          },
        },
      ],
    },
  ],
};
