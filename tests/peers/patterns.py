"""The plain pattern model of a roster: one binary for each possible shift and each length of its handover.

Columns and rows are kept as flat lists so that any solver can take them. Rules by code stand beside their rows; what no
row says is kept by the choice of columns (H12, H13 own talks, H15, H16, H17, H18, H23, and H19 and H20 of one shift).
"""

import numpy as np

from tables import DAY_MIN, SCALE_MIN, Tables

INFINITY = float("inf")


class Patterns:
    """min gaps, then missing on alerts, then soft cost."""

    LEVELS = ("gaps", "alerts", "soft")

    def __init__(self, tables: Tables, most: int):
        self.tables = tables
        self.upper = []  # all columns are whole numbers from 0
        self.rows = []  # (columns, coefficients, lower, upper)
        self.settles = []  # what gives the other columns their values once the shifts have theirs
        self.gaps, self.alerts, self.soft = {}, {}, {}
        self.constant = 0
        self._shifts(most)
        self._coverage()
        self._people()
        # The rows up to here say what is allowed and what is missing; those below only what it costs.
        self.n_hard = len(self.rows)
        self._loads()
        self._groups()
        self._first_timers()

    # ------------------------------------------------------------ columns

    def column(self, upper, cost=0) -> int:
        at = len(self.upper)
        self.upper.append(upper)
        if cost:
            self.soft[at] = int(cost)
        return at

    def row(self, columns, coefficients, lower, upper):
        self.rows.append((list(columns), list(coefficients), lower, upper))

    def _shifts(self, most):
        """Every legal single shift: operator, duty, first cell, cell after the last, cells of handover."""
        tables, policy = self.tables, self.tables.policy
        cell = tables.cell
        shortest = max(1, -(-policy["shift_shortest_min"] // cell))
        longest = policy["shift_longest_min"] // cell
        self.shifts = []
        self.trained = []
        for who, person in enumerate(tables.people):
            before = np.concatenate([[0], np.cumsum(person.cost)])
            on_duty = min(person.limit, policy["max_awake_min"] // cell)
            for what, duty in enumerate(tables.duties):
                has, trained = tables.able(person, duty)
                may = person.awake if duty.alerted else person.open
                covers = has & may & duty.demanded
                for first in np.flatnonzero(covers):
                    self._starting(
                        (who, what, int(first)), covers, may, trained, before, (shortest, longest, on_duty)
                    )
                if len(self.shifts) > most:
                    raise TooLarge(len(self.shifts))

    def _starting(self, start, covers, may, trained, before, limits):
        who, what, first = start
        shortest, longest, on_duty = limits
        tables, duty = self.tables, self.tables.duties[what]
        opens = first == 0 or not duty.demanded[first - 1]
        weight = tables.weight
        run = 0
        while first + run < tables.n and covers[first + run] and run < longest:
            run += 1
        knows = False
        for last in range(first + 1, first + run + 1):
            knows = knows or bool(trained[last - 1])
            if last - first < shortest:
                continue
            for handover in range(-(-duty.handover_min // tables.cell) + 1):
                begin = first - handover
                if begin < 0 or not may[begin] or last - begin > on_duty:
                    break
                missing = 0 if opens else max(0, duty.handover_min - handover * tables.cell)
                cost = before[last] - before[begin] + weight["S06"] * missing + weight["S15"]
                self.column(1, cost)
                self.shifts.append((who, what, first, last, handover))
                self.trained.append(knows)

    # ------------------------------------------------------------ rows

    def _coverage(self):
        """M04 as `gaps`, M05 as `alerts`."""
        tables = self.tables
        covering = {}
        for at, (_, what, first, last, _) in enumerate(self.shifts):
            for cell in range(first, last):
                covering.setdefault((what, cell), []).append(at)
        self.covering = covering
        for what, duty in enumerate(tables.duties):
            for cell in np.flatnonzero(duty.demanded):
                gap = self.column(duty.count)
                self.gaps[gap] = 1
                on = covering.get((what, int(cell)), [])
                self.row_of_gap(what, int(cell), on, gap, duty.count)
        alert = tables.policy["alert"]
        tracks = [track["id"] for track in tables.problem["event"]["tracks"]]
        units = [[track] for track in tracks] if alert["scope"] == "track" else [tracks]
        for unit in units if alert["min_people"] else []:
            answer = [
                what for what, duty in enumerate(tables.duties)
                if duty.alerted and (alert["scope"] == "event" or unit[0] in duty.tracks)
            ]
            for cell in range(tables.n):
                # One person is in one place (H13, H14), so shifts are distinct people.
                on = [at for what in answer for at in covering.get((what, cell), [])]
                short = self.column(alert["min_people"])
                self.alerts[short] = 1
                self.row([*on, short], [1] * (len(on) + 1), alert["min_people"], INFINITY)
                self.settle_short(short, on, alert["min_people"])

    def row_of_gap(self, what, cell, on, gap, count):
        self.row([*on, gap], [1] * (len(on) + 1), count, INFINITY)
        self.settle_short(gap, on, count)

    def _people(self):
        """H13, H14 and H21 as cliques; H22; H19; H20."""
        tables, policy = self.tables, self.tables.policy
        hers = [[] for _ in tables.people]
        for at, shift in enumerate(self.shifts):
            hers[shift[0]].append(at)
        rest = -(-policy["rest_min"] // tables.cell)
        self.hers = hers
        for person, mine in zip(tables.people, hers):
            spans = [self._on_duty(at) for at in mine]
            if len(mine) > 1 and policy["max_shifts"] > 1:
                self._one_at_a_time(mine, spans, rest)
            self.row(mine, [1] * len(mine), 0, policy["max_shifts"])
            if policy["max_shifts"] > 1 and mine:
                self._day(person, mine, spans)
                self._awake(mine, spans)

    def _loads(self):
        self.loads = []
        for person, mine in zip(self.tables.people, self.hers):
            self._load(person, mine, [self._on_duty(at) for at in mine])

    def _on_duty(self, at) -> tuple:
        _, _, first, last, handover = self.shifts[at]
        return first - handover, last

    def _one_at_a_time(self, mine, spans, rest):
        for begin in sorted({begin for begin, _ in spans}):
            clique = [at for at, span in zip(mine, spans) if span[0] <= begin < span[1] + rest]
            if len(clique) > 1:
                self.row(clique, [1] * len(clique), 0, 1)

    def _day(self, person, mine, spans):
        """H19: on duty in any 24 hours, handover counted."""
        day = DAY_MIN // self.tables.cell
        for begin in range(max(1, self.tables.n - day + 1)):
            inside = [max(0, min(to, begin + day) - max(frm, begin)) for frm, to in spans]
            self.row(mine, inside, 0, person.limit)

    def _awake(self, mine, spans):
        """H20: from first to last duty without a break to sleep; `sleeps` says that such a break begins at a cell."""
        tables, policy = self.tables, self.tables.policy
        sleep = -(-policy["sleep_min"] // tables.cell)
        awake = policy["max_awake_min"] // tables.cell
        begins = sorted({begin for begin, _ in spans})
        ends = sorted({end for _, end in spans})
        if sleep == 0 or not spans or max(ends) - min(begins) <= awake:
            return
        sleeps = {}
        for begin in range(min(begins), max(ends) - sleep + 1):
            sleeps[begin] = self.column(1)
            during = [at for at, (frm, to) in zip(mine, spans) if frm < begin + sleep and begin < to]
            self.settle_short(sleeps[begin], during, 1)
            for cell in range(begin, begin + sleep):
                on = [at for at, (frm, to) in zip(mine, spans) if frm <= cell < to]
                self.row([*on, sleeps[begin]], [1] * (len(on) + 1), 0, 1)
        for begin in begins:
            starting = [at for at, span in zip(mine, spans) if span[0] == begin]
            for end in (end for end in ends if end - begin > awake):
                ending = [at for at, span in zip(mine, spans) if span[1] == end]
                breaks = [sleeps[t] for t in range(begin, end - sleep + 1) if t in sleeps]
                columns = [*starting, *ending, *breaks]
                signs = [1] * (len(starting) + len(ending)) + [-1] * len(breaks)
                self.row(columns, signs, -INFINITY, 1)

    def _load(self, person, mine, spans):
        """S04: one binary for each load, so that the square is floored as the rule says."""
        tables = self.tables
        lengths = [to - frm for frm, to in spans]
        longest = sorted(lengths, reverse=True)[: tables.policy["max_shifts"]]
        most = sum(longest)
        if tables.n * tables.cell <= DAY_MIN:
            most = min(most, person.limit)
        weight = tables.weight["S04"]
        idle = weight * (person.carry_min**2 // SCALE_MIN)
        self.constant += idle
        if not mine or (weight == 0 and tables.weight["S05"] == 0):
            self.loads.append(([], []))
            return
        levels = []
        for load in range(most + 1):
            total = person.carry_min + load * tables.cell
            levels.append(self.column(1, weight * (total**2 // SCALE_MIN) - idle))
        self.row(levels, [1] * len(levels), 1, 1)
        self.row([*mine, *levels], [*lengths, *(-load for load in range(most + 1))], 0, 0)
        self.settle_level(levels, mine, lengths)
        self.loads.append((levels, list(range(most + 1))))

    def _groups(self):
        """S05 in the same way, over the loads of a group's operators."""
        tables = self.tables
        weight = tables.weight["S05"]
        for group, members in enumerate(tables.members) if weight else []:
            columns, loads, most = [], [], 0
            for person, (levels, values) in zip(tables.people, self.loads):
                if person.group == group and levels:
                    columns += levels
                    loads += values
                    most += values[-1]
            if not columns:
                continue
            totals = []
            for load in range(most + 1):
                minutes = load * tables.cell
                totals.append(self.column(1, weight * (minutes**2 // (SCALE_MIN * int(members)))))
            self.row(totals, [1] * len(totals), 1, 1)
            self.row([*columns, *totals], [*loads, *(-load for load in range(most + 1))], 0, 0)
            self.settle_level(totals, columns, loads)

    def _first_timers(self):
        """S11: `alone` where a first-timer covers and nobody trained covers a same track."""
        tables = self.tables
        weight = tables.weight["S11"]
        if weight == 0:
            return
        new = {}
        for at, (who, what, first, last, _) in enumerate(self.shifts):
            if not self.trained[at]:
                for cell in range(first, last):
                    new.setdefault((who, what, cell), []).append(at)
        trained = {}
        for key in sorted({(what, cell) for _, what, cell in new}):
            what, cell = key
            beside = [
                at for other, duty in enumerate(tables.duties)
                if set(duty.tracks) & set(tables.duties[what].tracks)
                for at in self.covering.get((other, cell), []) if self.trained[at]
            ]
            trained[key] = self.column(len(tables.people))
            self.row([*beside, trained[key]], [*([1] * len(beside)), -1], 0, 0)
            self.settle_excess(trained[key], beside)
        for (who, what, cell), covering in new.items():
            alone = self.column(1, weight * tables.cell)
            columns = [*covering, trained[what, cell], alone]
            self.row(columns, [*([1] * len(covering)), -1, -1], -INFINITY, 0)
            self.settle_excess(alone, covering, [trained[what, cell]])

    # ------------------------------------------------------------ plans

    def complete(self, values) -> list:
        """The same shifts, with every other column as they make it: gaps, loads, who is alone."""
        values = list(values)
        for at in range(len(self.shifts), len(values)):
            values[at] = 0
        for settle in self.settles:
            settle(values)
        return values

    def idle(self):
        """Nobody on duty."""
        return self.complete([0] * len(self.upper))

    def settle_short(self, column, on, wanted):
        """`column` is how many of `wanted` are missing."""
        def settle(values):
            values[column] = max(0, wanted - sum(values[at] for at in on))
        self.settles.append(settle)

    def settle_level(self, levels, columns, coefficients):
        """Of `levels` the one is 1 that counts what the columns add up to."""
        def settle(values):
            values[levels[sum(by * values[at] for at, by in zip(columns, coefficients))]] = 1
        self.settles.append(settle)

    def settle_excess(self, column, more, less=()):
        def settle(values):
            values[column] = max(0, sum(values[at] for at in more) - sum(values[at] for at in less))
        self.settles.append(settle)

    def value(self, level: dict, values) -> int:
        return sum(cost * round(values[at]) for at, cost in level.items())

    def score(self, values) -> dict:
        score = {level: self.value(getattr(self, level), values) for level in self.LEVELS}
        score["soft"] += self.constant
        return score

    def chosen(self, plan_shifts) -> list:
        """The columns of a plan's shifts; KeyError for one that no rule allows."""
        operators = {operator["id"]: at for at, operator in enumerate(self.tables.problem["operators"])}
        duties = {duty["id"]: at for at, duty in enumerate(self.tables.problem["event"]["duties"])}
        columns = {shift: at for at, shift in enumerate(self.shifts)}
        found = []
        for shift in plan_shifts:
            first, last = self.tables.cells(shift["span"])
            handover = shift["handover_min"] // self.tables.cell
            found.append(columns[operators[shift["operator"]], duties[shift["duty"]], first, last, handover])
        return found


class TooLarge(Exception):
    """The model has more binaries than are worth trying."""
