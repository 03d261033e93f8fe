/** Milliseconds of computing after which the event loop gets its turn. */
const BUDGET = 50;

/** Gives the event loop its turn when the time budget is used up: timers, sockets and signals go on during training. */
export class Pace {
  private last = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.last < BUDGET) return;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.last = performance.now();
  }
}
