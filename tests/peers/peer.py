"""Gives another solver instances: reads problems and plans with their programme, writes the plans with their roster.

    python peer.py {cp-sat,highs} JOBS

JOBS has one JSON object on each line: `problem`, `plan` and `out` are paths, `limit` is seconds of solving, `most` the
binaries that are still tried; with `whole` blocks and sessions are to be found too. For each, one JSON object on standard output says what was reached. With `fix` the shifts of
the given plan are fixed: the answer is what this model says that they cost.
"""

import json
import resource
import sys
import time
from importlib.metadata import version

from patterns import Patterns, TooLarge
from solvers import solve
from tables import Tables
from whole import Whole


def main():
    solver, jobs = sys.argv[1:]
    for job in open(jobs):
        print(json.dumps(answer(solver, json.loads(job))), flush=True)


def answer(solver, job):
    problem, plan = json.load(open(job["problem"])), json.load(open(job["plan"]))
    began = time.monotonic()
    try:
        model = Whole(problem) if job["whole"] else Patterns(Tables(problem, plan), job["most"])
    except TooLarge as error:
        return {"status": "too-large", "binaries": error.args[0]}
    built = time.monotonic()
    package = {"cp-sat": "ortools", "highs": "highspy"}[solver]
    said = {"binaries": len(model.shifts), "build_s": built - began, "by": f"{package} {version(package)}"}
    try:
        chosen = model.chosen(plan["shifts"] if job["fix"] else problem["pins"]["shifts"])
        if job["whole"] and job["fix"]:
            chosen += model.chosen_programme(plan)
    except KeyError:
        return {"status": "not-a-possible-shift", **said}
    decided = [*range(len(model.shifts)), *(block[0] for block in getattr(model, "blocks", []))]
    decided += [start[0] for start in getattr(model, "starts", [])]
    fixed = dict.fromkeys(decided, 0) if job["fix"] else {}
    fixed |= dict.fromkeys(chosen, 1)
    reached, values = solve(solver, model, job["limit"], fixed)
    said["solve_s"] = time.monotonic() - built
    said["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if values is None:
        return {"status": "nothing-found", **said}
    proven = all(reached[level].bound == reached[level].value for level in model.LEVELS)
    for level in model.LEVELS:
        said[level] = {"value": reached[level].value, "bound": reached[level].bound}
    write(solver, job["out"], problem, plan, model, values)
    return {"status": "proven" if proven else "found", **said}


def write(solver, out, problem, plan, model, values):
    plan = dict(plan)
    plan["made_by"] = {"engine": solver, "seed": 0, "effort": 1, "stopped": True}
    plan["shifts"] = []
    if isinstance(model, Whole):
        plan["blocks"], plan["sessions"] = model.programme(values, instant)
    start, cell = model.tables.start, model.tables.cell * 60
    for at, (who, what, first, last, handover) in enumerate(model.shifts):
        if values[at]:
            plan["shifts"].append({
                "id": f"peer-{at}",
                "operator": problem["operators"][who]["id"],
                "duty": problem["event"]["duties"][what]["id"],
                "span": {"start": instant(start + first * cell), "end": instant(start + last * cell)},
                "handover_min": handover * model.tables.cell,
            })
    with open(out, "w") as file:
        json.dump(plan, file)


def instant(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


if __name__ == "__main__":
    main()
