"""Times a call the way the bench does it in JavaScript: warm-up, then repetitions of as many calls as fill 20 ms."""

import math
from time import perf_counter


def fastest(run, seconds, calls=1000):
    """Calls until the time is up; the fastest of them in seconds."""
    until = perf_counter() + seconds
    best = math.inf
    for done in range(calls):
        start = perf_counter()
        if done > 0 and start >= until:
            break
        run()
        best = min(best, perf_counter() - start)
    return best


def sample(run, repetitions, repetitionMs, budgetMs, warmUpMs):
    """Milliseconds a call, a number per repetition; fewer when the budget is spent, one in any case."""
    started = perf_counter()
    quickest = fastest(run, warmUpMs / 1000)
    # A call that fills the budget alone has been timed by its warm-up.
    if 1000 * quickest > budgetMs:
        return [1000 * quickest]
    calls = max(1, math.ceil(repetitionMs / (1000 * max(quickest, 1e-7))))
    times = []
    while len(times) < repetitions and (not times or 1000 * (perf_counter() - started) < budgetMs):
        start = perf_counter()
        for _ in range(calls):
            run()
        times.append(1000 * (perf_counter() - start) / calls)
    return times
