import { nativeContender } from './native-program.js';

/** OpenBLAS: the matrix product of NumPy and many others. A yardstick, linked by nothing here. */
export const openblas = nativeContender({
  name: 'openblas',
  title: 'OpenBLAS',
  library: 'OpenBLAS',
  header: 'cblas.h',
  package: 'libopenblas-dev',
  files: ['openblas.cc'],
  link: ['-lopenblas'],
  suites: ['gemm'],
  // Whichever of its builds is installed, with its own threads or OpenMP's. Its threads wait for the next call by using the
  // processor for 2^26 cycles, the time of whoever is next; 2^18 bridge the gap between calls as well.
  env: (threads) => ({ OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads), OPENBLAS_THREAD_TIMEOUT: '18' }),
});
