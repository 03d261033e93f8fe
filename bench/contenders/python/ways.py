"""A framework has several ways to do one thing: each is tried for a moment, the fastest is the one that is timed."""

import gc
from dataclasses import dataclass, field
from time import perf_counter
from typing import Callable

import timing

TRIAL_SECONDS = 0.25
# What has not been tried after as many seconds is left: a limit on the whole trial stands above.
ALL_SECONDS = 40


@dataclass
class Work:
    """run() does the work; outputs() does it once from the initial state and gives the results by name."""

    run: Callable
    outputs: Callable


@dataclass
class Job:
    run: Callable
    outputs: dict
    note: str = ""


@dataclass
class _Tried:
    name: str
    work: Work
    seconds: float
    outputs: dict = field(repr=False)


def _shown(seconds):
    return f"{1000 * seconds:.3g} ms"


def fastest_of(ways):
    """Builds each way (name → function that makes its Work) and keeps the fastest; the note names it and the others."""
    started = perf_counter()
    best, notes, first_error = None, [], None
    for name, build in ways.items():
        if best and perf_counter() - started > ALL_SECONDS:
            notes.append(f"{name} not tried for want of time")
            continue
        try:
            work = build()
            outputs = work.outputs()
            tried = _Tried(name, work, timing.fastest(work.run, TRIAL_SECONDS), outputs)
        except Exception as error:
            first_error = first_error or error
            notes.append(f"{name} fails ({type(error).__name__})")
            continue
        if best is None or tried.seconds < best.seconds:
            best, tried = tried, best
        if tried:
            notes.append(f"{tried.name} {_shown(tried.seconds)}")
        work = tried = None
        gc.collect()
    if best is None:
        raise first_error
    note = best.name + (f" ({_shown(best.seconds)}; {', '.join(notes)})" if notes else "")
    return Job(best.work.run, best.outputs, note if len(ways) > 1 else "")
