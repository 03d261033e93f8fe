// The command line with an experiment that needs no data and takes long enough to be interrupted: run as a child process.
import { main } from '../../src/cli/main.js';
import { tinyExperiment } from '../experiments/tiny.js';

process.exitCode = await main(process.argv.slice(2), [tinyExperiment({ epochs: 60, rows: 1500 })]);
