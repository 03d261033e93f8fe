import type { DataSet } from '../data-set.js';

const PUBLIC = 'https://raw.githubusercontent.com/okkyibrohim/id-multi-label-hate-speech-and-abusive-language-detection/master/';

/** Tweets with twelve binary labels, and two word lists. */
export const idHateSpeech: DataSet = {
  id: 'id-hate-speech',
  title: 'Indonesian multi-label hate speech and abusive language on Twitter: 13,169 tweets, 12 binary labels; slang and abusive words',
  licence: 'CC-BY-NC-SA-4.0 (non-commercial)',
  cite: 'Ibrohim and Budi 2019, Multi-label Hate Speech and Abusive Language Detection in Indonesian Twitter, ALW3, doi 10.18653/v1/W19-3506',
  address: 'https://github.com/okkyibrohim/id-multi-label-hate-speech-and-abusive-language-detection',
  notes: [
    'the tweets contain real insults and hate speech',
    '146 rows repeat an earlier text: a random split leaks between training and test',
    'the public files are Latin-1 with CRLF; their hashes are not recorded here, so they are judged by rows and label counts',
  ],
  layouts: [
    {
      name: 'tweets and word lists',
      note: '',
      files: [
        {
          name: 're_dataset.csv',
          mirror: {
            path: 'id-hate-speech/re_dataset.csv',
            bytes: 1846421,
            sha256: 'b099c1b4a3cd1d160dd13dadb0232c690e7363e66fbf667fa95c4e398ae5b37a',
          },
          public: { url: `${PUBLIC}re_dataset.csv`, bytes: null, sha256: null, csv: { encoding: 'latin1' } },
          table: {
            rows: 13169,
            columns: [
              'Tweet',
              'HS',
              'Abusive',
              'HS_Individual',
              'HS_Group',
              'HS_Religion',
              'HS_Race',
              'HS_Physical',
              'HS_Gender',
              'HS_Other',
              'HS_Weak',
              'HS_Moderate',
              'HS_Strong',
            ],
            counts: { column: 'HS', of: { '0': 7608, '1': 5561 } },
          },
        },
        {
          name: 'new_kamusalay.csv',
          mirror: {
            path: 'id-hate-speech/new_kamusalay.csv',
            bytes: 271007,
            sha256: '939cc17e0fd9526e8f1224f5055f6ce04d4722bb9363573ed886a7541bc36c38',
            csv: { header: ['slang', 'formal'] },
          },
          public: {
            url: `${PUBLIC}new_kamusalay.csv`,
            bytes: null,
            sha256: null,
            csv: { encoding: 'latin1', header: ['slang', 'formal'] },
          },
          table: { rows: 15167, columns: ['slang', 'formal'] },
        },
        {
          name: 'abusive.csv',
          mirror: {
            path: 'id-hate-speech/abusive.csv',
            bytes: 849,
            sha256: 'aa6e39d42825b378bafb31c6e457a45d195e27dec75bee094cbf5f48a8848681',
          },
          public: { url: `${PUBLIC}abusive.csv`, bytes: null, sha256: null, csv: { encoding: 'latin1' } },
          table: { rows: 125, columns: ['ABUSIVE'] },
        },
      ],
    },
  ],
};
