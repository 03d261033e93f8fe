import { BackupAndRestore, type BackupAndRestoreOptions } from './backup-and-restore.js';
import { CSVLogger, type CSVLoggerOptions } from './csv-logger.js';
import { EarlyStopping, type EarlyStoppingOptions } from './early-stopping.js';
import { LambdaCallback, type LambdaCallbackOptions } from './lambda-callback.js';
import { LearningRateScheduler } from './learning-rate-scheduler.js';
import { ModelCheckpoint, type ModelCheckpointOptions } from './model-checkpoint.js';
import { ProgressBar, type ProgressBarOptions } from './progress-bar.js';
import { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce-lr-on-plateau.js';
import { TerminateOnNaN } from './terminate-on-nan.js';

export const earlyStopping = (options?: EarlyStoppingOptions): EarlyStopping => new EarlyStopping(options);
export const modelCheckpoint = (options: ModelCheckpointOptions): ModelCheckpoint => new ModelCheckpoint(options);
export const progressBar = (options?: ProgressBarOptions): ProgressBar => new ProgressBar(options);
export const learningRateScheduler = (schedule: (epoch: number, learningRate: number) => number): LearningRateScheduler =>
  new LearningRateScheduler(schedule);
export const reduceLROnPlateau = (options?: ReduceLROnPlateauOptions): ReduceLROnPlateau => new ReduceLROnPlateau(options);
export const csvLogger = (options: CSVLoggerOptions | string): CSVLogger => new CSVLogger(options);
export const terminateOnNaN = (): TerminateOnNaN => new TerminateOnNaN();
export const lambdaCallback = (hooks: LambdaCallbackOptions): LambdaCallback => new LambdaCallback(hooks);
export const backupAndRestore = (options: BackupAndRestoreOptions): BackupAndRestore => new BackupAndRestore(options);
