import { SarafError, type ErrorCode } from '../../errors.js';

/** What the command sends to a process that trains. */
export interface TrainRequest {
  /** Number of the selection, in the order of the command line. */
  readonly selection: number;
  /** Of the run. */
  readonly id: string;
}

/** An error as it crosses between processes. */
interface SentError {
  readonly code: string | undefined;
  readonly op: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What comes back: rows of training done since the last message; then how the run ended. */
export type TrainReply = { readonly rows: number } | { readonly done: true } | { readonly failed: SentError };

export function sendable(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: undefined, op: undefined, message: String(error), stack: undefined };
  const { code } = error as { code?: unknown };
  const op = error instanceof SarafError ? error.op : undefined;
  const message = op === undefined ? error.message : error.message.slice(`[${op}] `.length);
  return { code: typeof code === 'string' ? code : undefined, op, message, stack: error.stack };
}

export function received({ code, op, message, stack }: SentError): Error {
  const error =
    op === undefined
      ? Object.assign(new Error(message), code === undefined ? {} : { code })
      : new SarafError(code as ErrorCode, op, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
