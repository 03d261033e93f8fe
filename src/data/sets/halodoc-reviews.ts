import type { DataSet } from '../data-set.js';

/** App reviews with stars. */
export const halodocReviews: DataSet = {
  id: 'halodoc-reviews',
  title: 'Halodoc app reviews from Google Play, 2021-08-14 to 2026-01-08, 1 to 5 stars',
  licence: 'MIT (repository); the texts are by Google Play users',
  cite: 'LatiefDataVisionary, halodoc-sentiment-analysis',
  address: 'https://github.com/LatiefDataVisionary/halodoc-sentiment-analysis',
  notes: [
    'the window 2020-09-12 to 2021-05-16 is not covered; during_standin.csv samples 2021-08-14 to 2022-05-15 instead',
    '9,262 of the 30,000 texts occur earlier in the file: a random split leaks between training and test',
    'stars are what users gave, not checked sentiment labels',
  ],
  layouts: [
    {
      name: 'windows',
      note: 'periods cut from the public file, its reviewer columns dropped',
      files: [
        {
          name: 'all_reviews.csv.gz',
          mirror: {
            path: 'halodoc-reviews/all_reviews.csv.gz',
            bytes: 795874,
            sha256: '6712d9a15cd481b1f2f6d02e1ac80651b05f3d5baeeed9d9504d969698bef896',
          },
          table: {
            rows: 30000,
            columns: ['date', 'rating', 'review', 'period'],
            counts: { column: 'rating', of: { '1': 2647, '2': 474, '3': 514, '4': 1584, '5': 24781 } },
          },
        },
        {
          name: 'after_window.csv.gz',
          mirror: {
            path: 'halodoc-reviews/after_window.csv.gz',
            bytes: 230717,
            sha256: '7ec25b80790a52ec942a03ceb330aa2acaf46d0eba5b51c5f3f243edd5e26176',
          },
          table: {
            rows: 8612,
            columns: ['date', 'rating', 'review'],
            counts: { column: 'rating', of: { '1': 871, '2': 148, '3': 161, '4': 434, '5': 6998 } },
          },
        },
        {
          name: 'after_sample.csv',
          mirror: {
            path: 'halodoc-reviews/after_sample.csv',
            bytes: 447706,
            sha256: '768fd6fab4f48cde4a779ef9d0a2310f2ec26d6dfd705ba60ed1463328c9efa6',
          },
          table: {
            rows: 4910,
            columns: ['date', 'rating', 'review'],
            counts: { column: 'rating', of: { '1': 871, '2': 148, '3': 161, '4': 367, '5': 3363 } },
          },
        },
        {
          name: 'during_standin.csv',
          mirror: {
            path: 'halodoc-reviews/during_standin.csv',
            bytes: 368879,
            sha256: 'c899e722b09ec4e006d9d1b749017d7177f89ffd2ecb83fbea0f4d8d06d3d07a',
          },
          table: {
            rows: 4941,
            columns: ['date', 'rating', 'review'],
            counts: { column: 'rating', of: { '1': 251, '2': 89, '3': 180, '4': 512, '5': 3909 } },
          },
        },
      ],
    },
    {
      name: 'original',
      note: 'the public file as it is: cut the periods yourself',
      files: [
        {
          name: 'hasil_scraper_ulasan_app_Halodoc.csv',
          public: {
            url: 'https://raw.githubusercontent.com/LatiefDataVisionary/halodoc-sentiment-analysis/main/data/raw/hasil_scraper_ulasan_app_Halodoc.csv',
            bytes: null,
            sha256: null,
          },
          table: { rows: 30000, columns: [] },
        },
      ],
    },
  ],
};
