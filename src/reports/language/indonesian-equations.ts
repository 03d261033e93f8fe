/** The sheet of equations: its headings, the names of its examples, its columns. */
export const INDONESIAN_EQUATIONS: Readonly<Record<string, string>> = {
  'Equations, worked': 'Contoh hitungan rumus',
  'Recurrent layers': 'Lapisan rekuren',
  'Attention, normalisation, pooling': 'Attention, normalisasi, pooling',
  Training: 'Pelatihan',
  Scores: 'Skor',
  'What does not follow': 'Angka yang tidak konsisten',
  'Vanishing and exploding gradients': 'Gradien yang menghilang dan meledak',

  // Examples.
  'SimpleRNN: one step': 'SimpleRNN: satu langkah',
  'SimpleRNN: its output': 'SimpleRNN: keluarannya',
  'LSTM: forget gate of the first step': 'LSTM: forget gate langkah pertama',
  'LSTM: input gate of the first step': 'LSTM: input gate langkah pertama',
  'LSTM: candidate of the first step': 'LSTM: kandidat langkah pertama',
  'LSTM: cell after the first step': 'LSTM: sel setelah langkah pertama',
  'LSTM: output of the first step, by the printed output gate': 'LSTM: keluaran langkah pertama, dari output gate yang tercetak',
  'LSTM: output of the first step, by the output gate that follows from its weights':
    'LSTM: keluaran langkah pertama, dari output gate menurut bobotnya',
  'LSTM: one step': 'LSTM: satu langkah',
  'GRU of the document: the gate is how much is new, the reset comes before the product':
    'GRU dokumen: gate adalah porsi yang baru, reset sebelum perkalian',
  'GRU of Keras: the gate is how much is kept, the reset before the product':
    'GRU Keras: gate adalah porsi yang dipertahankan, reset sebelum perkalian',
  'GRU of Keras by default: the reset after the product': 'GRU bawaan Keras: reset setelah perkalian',
  'Attention: weights of the first token': 'Attention: bobot token pertama',
  'Attention: the same from the scores that the printed Q and K give': 'Attention: bobot yang sama dari skor menurut Q dan K yang tercetak',
  'Scaled dot-product attention': 'Scaled dot-product attention',
  'Sinusoidal positions, as the document’s numbers have them': 'Posisi sinusoidal menurut angka dokumen',
  'Sinusoidal positions, as the document writes them': 'Posisi sinusoidal menurut rumus dokumen',
  'Layer normalisation as in Keras': 'Normalisasi lapisan seperti Keras',
  'Layer normalisation as the document writes it': 'Normalisasi lapisan menurut rumus dokumen',
  'Average pooling of an image': 'Average pooling citra',
  'Average pooling over tokens': 'Average pooling atas token',
  'Feed-forward: output with its bias': 'Feed-forward: keluaran dengan bias',
  'Binary cross-entropy': 'Binary cross-entropy',
  'Categorical cross-entropy': 'Categorical cross-entropy',
  'Categorical cross-entropy of a target with two ones': 'Categorical cross-entropy target dengan dua angka satu',
  'Adam: two steps with bias correction, in learning rates': 'Adam: dua langkah dengan koreksi bias, dalam learning rate',
  'Adam: length of the first step': 'Adam: panjang langkah pertama',
  'Dropout, inverted: a value in training and at inference': 'Dropout inverted: satu nilai saat pelatihan dan inferensi',
  'Dropout, classic: a value in training and at inference': 'Dropout klasik: satu nilai saat pelatihan dan inferensi',
  'Dropout, inverted: the mean stays': 'Dropout inverted: rata-rata tetap',
  'Dropout, classic: the mean is that of inference': 'Dropout klasik: rata-rata sama dengan saat inferensi',
  'Accuracy, precision, recall and F1 of class H0 from its counts, in %':
    'Akurasi, presisi, recall dan F1 kelas H0 dari jumlahnya, dalam %',
  'F1 of H0 to H33 from precision and recall, in %': 'F1 H0 sampai H33 dari presisi dan recall, dalam %',
  'Averages over H0 to H33, in %': 'Rata-rata H0 sampai H33, dalam %',
  'Precision, recall and F1 of three classes': 'Presisi, recall dan F1 tiga kelas',
  'F1 over the three classes, weighted by support': 'F1 tiga kelas, berbobot support',
  'F1 over the three classes, each counting the same': 'F1 tiga kelas, bobot sama',
  'Accuracy by formula 2.17': 'Akurasi menurut rumus 2.17',
  'ROC: true and false positive rate at each threshold': 'ROC: true dan false positive rate pada setiap ambang',
  'AUC: area under that curve': 'AUC: luas di bawah kurva itu',

  // Columns and rows.
  against: 'dibandingkan dengan',
  example: 'contoh',
  expected: 'acuan',
  formula: 'rumus',
  printed: 'tercetak',
  'by the formula': 'menurut rumus',
  'our kernels': 'kernel saraf',
  accuracy: 'akurasi',
  dropped: 'dibuang',
  kept: 'disimpan',
  'in training': 'saat pelatihan',
  'at inference': 'saat inferensi',

  // The chart.
  'Gradient through the steps': 'Gradien sepanjang langkah',
  'spectral radius': 'radius spektral',
  'step t': 'langkah t',
};

/** How far an example agrees, and where it comes from. */
export const INDONESIAN_EQUATION_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^agree to the unit$/, 'sama sampai satuan'],
  [/^agree to (\d+) decimals?$/, 'sama sampai $1 desimal'],
  [/^(\d+) of (\d+) differs? at the unit$/, '$1 dari $2 berbeda pada satuan'],
  [/^(\d+) of (\d+) differs? at (\d+) decimals?$/, '$1 dari $2 berbeda pada $3 desimal'],
  [/^Document (\d+)$/, 'Dokumen $1'],
  [/^Documents (\d+) to (\d+)$/, 'Dokumen $1 sampai $2'],
];
