"""A task on OR-Tools CP-SAT with two workers."""

from ortools.sat.python import cp_model

# Columns up to which proving is worth more than finding.
SMALL = 30_000


def minimise(task, limit, start):
    """Values of the columns and a lower bound; no values when nothing was found."""
    model = cp_model.CpModel()
    columns = []
    for at, upper in enumerate(task.upper):
        fixed = task.fixed.get(at)
        columns.append(model.new_int_var(fixed or 0, int(upper) if fixed is None else fixed, ""))

    def total(which, coefficients):
        return cp_model.LinearExpr.weighted_sum([columns[at] for at in which], coefficients)

    for which, coefficients, lower, upper in task.rows:
        low = cp_model.INT32_MIN if lower == -float("inf") else int(lower)
        high = cp_model.INT32_MAX if upper == float("inf") else int(upper)
        model.add_linear_constraint(total(which, coefficients), low, high)
    model.minimize(total(list(task.costs), list(task.costs.values())))
    for column, value in zip(columns, start or []):
        model.add_hint(column, value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    if len(columns) < SMALL:
        # Of two workers none looks at the linear relaxation unless asked, and then it proves next to nothing here; on
        # larger models the relaxation takes all the time there is, and the usual two find more.
        solver.parameters.subsolvers.extend(["max_lp", "default_lp"])
    solver.parameters.max_time_in_seconds = limit
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None
    return [solver.value(column) for column in columns], round(solver.best_objective_bound)
