"""The pattern model on another solver, one level after the other."""

import time

# Until the last level, half of what is left of the time; a level that is not proven is kept at the best found.
SHARE = 0.5


class Level:
    """What a solver reached on one level."""

    def __init__(self, value, bound):
        self.value, self.bound = value, bound


class Task:
    """What a solver is given: the rows and costs of one level, and what the levels above have to keep."""

    def __init__(self, model, level, kept, fixed):
        self.costs = getattr(model, level)
        self.upper = list(model.upper)
        self.rows = [*(model.rows if level == "soft" else model.rows[: model.n_hard]), *kept]
        self.fixed = dict(fixed)
        if level != "soft" and not fixed:
            # Only the soft level pays for a missing handover: without one every shift is allowed, and covers as much.
            for at, shift in enumerate(model.shifts):
                if shift[-1]:
                    self.fixed[at] = 0


def solve(name, model, limit, fixed):
    """Levels reached, in order, and the values of the columns; no values when nothing was found in time."""
    # Each brings its own HiGHS library: only one of them can be loaded into a process.
    if name == "cp-sat":
        from on_cpsat import minimise
    else:
        from on_highs import minimise
    reached, kept = {}, []
    # Nobody on duty is a plan to begin with.
    values = None if fixed else model.idle()
    for level in model.LEVELS:
        costs = getattr(model, level)
        if not costs:
            reached[level] = Level(0, 0)
            continue
        task = Task(model, level, kept, fixed)
        began = time.monotonic()
        found, bound = minimise(task, max(0.05, limit * (1 if level == "soft" else SHARE)), values)
        limit -= time.monotonic() - began
        if found is not None:
            values = model.complete(found)
        if values is None:
            return reached, None
        value = model.value(costs, values)
        reached[level] = Level(value, None if bound is None else min(bound, value))
        kept.append((list(costs), list(costs.values()), 0, value))
    # A level that was cut short may have become better on the way down.
    for level, value in model.score(values).items():
        bound = reached[level].bound
        if level == "soft" and bound is not None:
            bound += model.constant
        reached[level] = Level(value, bound)
    return reached, values
