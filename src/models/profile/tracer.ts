import type { Work } from '../../layers/cost.js';
import type { LayerCall, Span, TracePass } from './spans.js';

interface Open {
  readonly pass: TracePass;
  readonly name: string;
  readonly begin: number;
  /** Duration of the spans inside. */
  inside: number;
}

/** Receives spans that are over, a few thousand at a time or a few times a second. */
export type SpanSink = (spans: readonly Span[]) => void;

const SPANS_HELD = 4096;
const MILLISECONDS_HELD = 250;

/** Records what takes how long. Spans are opened and closed like brackets. */
export class Tracer {
  private readonly sink: SpanSink;
  private readonly open: Open[] = [];
  private spans: Span[] = [];
  private steps = 0;
  private flushed = performance.now();

  constructor(sink: SpanSink) {
    this.sink = sink;
  }

  /** Open spans: give it to `unwind` after an error. */
  get depth(): number {
    return this.open.length;
  }

  begin(pass: TracePass, name: string): void {
    const around = this.open.at(-1);
    const path = around?.pass === pass && pass !== 'step' ? `${around.name}/${name}` : name;
    this.open.push({ pass, name: path, begin: performance.now(), inside: 0 });
  }

  end(call: LayerCall | null = null, work: Work | null = null): void {
    const end = performance.now();
    const span = this.open.pop();
    if (!span) return;
    const duration = end - span.begin;
    const around = this.open.at(-1);
    if (around) around.inside += duration;
    this.spans.push({
      pass: span.pass,
      name: span.name,
      begin: span.begin,
      end,
      self: Math.max(0, duration - span.inside),
      step: this.steps,
      // What is inside has its own work.
      call: span.inside > 0 ? null : call,
      work,
    });
    if (span.pass === 'step') this.steps++;
    if (!around && (this.spans.length >= SPANS_HELD || end - this.flushed > MILLISECONDS_HELD)) this.flush();
  }

  /** Forgets spans that an error left open. */
  unwind(depth: number): void {
    this.open.length = Math.min(this.open.length, depth);
  }

  /** Hands over what is recorded. */
  flush(): void {
    const { spans } = this;
    this.spans = [];
    if (spans.length > 0) this.sink(spans);
    this.flushed = performance.now();
  }
}
