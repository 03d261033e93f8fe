import type { DataSet } from '../data-set.js';

/** News articles whose channel gives the class. */
export const clickid: DataSet = {
  id: 'clickid',
  title: 'CLICK-ID Indonesian news: 25,211 articles; Nasional / Internasional / Regional by channel, 4,000 train and 1,000 test',
  licence: "CC-BY-4.0 by its data set card; the articles remain their publishers'",
  cite: 'William and Sari 2020, CLICK-ID: A novel dataset for Indonesian clickbait headlines, Data in Brief 32',
  address: 'https://data.mendeley.com/datasets/k42j7x2kpn/1',
  notes: [
    'hyperlinked words are missing from many texts',
    'the published set (46,119 articles) has other files than these, so there is no address to fetch them from: get them by hand or point --data at a copy',
  ],
  layouts: [
    {
      name: 'articles and channels',
      note: 'drawn from the public repository: links dropped, articles under 20 words removed',
      files: [
        {
          name: 'articles.csv.gz',
          mirror: {
            path: 'indonesian-news/clickid/articles.csv.gz',
            bytes: 15384452,
            sha256: 'a0db4d678fbad3ada80018210b1e1943e100d117dc6efa254f0b2b30424955a8',
          },
          table: {
            rows: 25211,
            columns: ['id', 'source', 'date', 'channel', 'subchannel', 'label3', 'title', 'text'],
            counts: { column: 'label3', of: { '': 17741, Internasional: 1064, Nasional: 4365, Regional: 2041 } },
          },
        },
        {
          name: 'scope3_train.csv.gz',
          mirror: {
            path: 'indonesian-news/clickid/scope3_train.csv.gz',
            bytes: 2618168,
            sha256: 'bd2a5c273f04d07d8dd53e0e77c7647e27bbfdb4ff9be9b5ba4365502b4cc46f',
          },
          table: {
            rows: 4000,
            columns: ['id', 'source', 'date', 'label', 'title', 'text'],
            counts: { column: 'label', of: { Internasional: 666, Nasional: 2949, Regional: 385 } },
          },
        },
        {
          name: 'scope3_test.csv.gz',
          mirror: {
            path: 'indonesian-news/clickid/scope3_test.csv.gz',
            bytes: 687023,
            sha256: '31e464d6c03e874650189ad89d4eac2bed1a830b00659a012dbe7833bf9ee7f4',
          },
          table: {
            rows: 1000,
            columns: ['id', 'source', 'date', 'label', 'title', 'text'],
            counts: { column: 'label', of: { Internasional: 366, Nasional: 548, Regional: 86 } },
          },
        },
        {
          name: 'scope3_extra_regional.csv.gz',
          mirror: {
            path: 'indonesian-news/clickid/scope3_extra_regional.csv.gz',
            bytes: 964151,
            sha256: '1d407bff60d5213bf90783b76a82e27a36084fb297760832213b6b9a45a2d027',
          },
          table: {
            rows: 1570,
            columns: ['id', 'source', 'date', 'label', 'title', 'text'],
            counts: { column: 'label', of: { Regional: 1570 } },
          },
        },
      ],
    },
  ],
};
