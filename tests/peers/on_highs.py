"""A task on HiGHS with one thread: a second one gains nothing and can make it miss its limit."""

import highspy
import numpy as np


def minimise(task, limit, start):
    """Values of the columns and a lower bound; no values when nothing was found."""
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(program(task))
    solver.setOptionValue("threads", 1)
    # Presolve can ignore the limit on the many clique rows of this model.
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("time_limit", float(limit))
    # All costs are whole numbers, so a bound within one of the value proves it.
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.999)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = [float(value) for value in start]
        solver.setSolution(solution)
    solver.run()
    info = solver.getInfo()
    bound = None if not np.isfinite(info.mip_dual_bound) else int(np.ceil(info.mip_dual_bound - 1e-6))
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, bound
    return [round(value) for value in solver.getSolution().col_value], bound


def program(task):
    lp = highspy.HighsLp()
    n = len(task.upper)
    lp.num_col_, lp.num_row_ = n, len(task.rows)
    cost = np.zeros(n)
    cost[list(task.costs)] = list(task.costs.values())
    lower, upper = np.zeros(n), np.array(task.upper, float)
    for at, value in task.fixed.items():
        lower[at] = upper[at] = value
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_ = np.array([row[2] for row in task.rows], float)
    lp.row_upper_ = np.array([row[3] for row in task.rows], float)
    lengths = [len(row[0]) for row in task.rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    lp.a_matrix_.index_ = np.array([at for row in task.rows for at in row[0]], np.int32)
    lp.a_matrix_.value_ = np.array([by for row in task.rows for by in row[1]], float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n
    return lp
