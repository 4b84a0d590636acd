"""A whole tiny problem as one model: blocks, sessions and the roster together, every rule of docs/rules.md but pins.

The roster is the pattern model with nothing known of the programme: what duties demand and which languages they need hangs
on the blocks, and who is away to speak on the sessions. For CP-SAT only.
"""

import numpy as np

from patterns import INFINITY, Patterns
from tables import DAY_MIN, Tables, bounds, seconds

PROGRAMME_WEIGHTS = {"S07": 10, "S08": 60, "S09": 2, "S10": 1, "S12": 50, "S13": 500}
STRETCH_MIN = 180


class OpenTables(Tables):
    """Tables of a problem whose programme is not known: every standing cell may be demanded, any language needed."""

    def __init__(self, problem):
        super().__init__(problem, {"blocks": [], "sessions": []})
        self.weight = {**PROGRAMME_WEIGHTS, **self.weight}

    def _duty(self, duty, role):
        made = super()._duty(duty, role)
        made.demanded = self.minutes([bounds(span) for span in duty["spans"]]) == self.cell
        return made

    def able(self, person, duty):
        skills = person.skills.get(duty.role, [])
        levels = {skill[2] for skill in skills}
        if len(levels) > 1:
            raise ValueError("one person, one role, two levels: which holds would hang on the blocks")
        return np.full(self.n, bool(skills)), np.full(self.n, True in levels)


class Whole(Patterns):
    """min unhosted, then unplaced must, unplaced should, gaps, missing on alerts, soft cost."""

    LEVELS = ("unhosted", "must", "should", "gaps", "alerts", "soft")

    def __init__(self, problem, most=10**9):
        self.problem = problem
        self.unhosted, self.must, self.should = {}, {}, {}
        self.tracks = [track["id"] for track in problem["event"]["tracks"]]
        super().__init__(OpenTables(problem), most)
        self.n_hard = len(self.rows)

    def complete(self, values):
        return list(values)

    def idle(self):
        return None

    # ------------------------------------------------------------ programme

    def _coverage(self):
        self._blocks()
        self._sessions()
        self._reserve()
        self._languages()
        super()._coverage()
        self._speakers()

    def _costly(self, spans):
        """Minutes per cell as prefix sums."""
        return np.concatenate([[0], np.cumsum(self.tables.minutes(spans))])

    def _blocks(self):
        """H02 to H05, M01, S01, S03, S09, S13."""
        tables, cell, n = self.tables, self.tables.cell, self.tables.n
        weight = tables.weight
        self.blocks = []  # (column, group, track, language, first, last)
        for group in self.problem["groups"]:
            hosting = group["hosting"]
            if hosting is None:
                continue
            at = tables.groups[group["id"]]
            spans = {}
            for graded in hosting["availability"]:
                spans.setdefault(graded["grade"], []).append(bounds(graded["span"]))
            possible = [s for grade in ("if-need-be", "possible", "prefer") for s in spans.get(grade, [])]
            can = (tables.minutes(possible) >= cell) & ~tables.blocked[at]
            reluctant = self._costly(spans.get("if-need-be", []))
            prime = self._costly([bounds(span) for span in hosting["prime"]])
            clash = np.concatenate([[0], np.cumsum(tables.weighed[at])])
            hers = []
            for first in range(0, n):
                if first * cell % max(1, tables.policy["block_grid_min"]):
                    continue
                for last in range(first + 1, n + 1):
                    length = (last - first) * cell
                    if not can[last - 1] or length > hosting["longest_min"]:
                        break
                    if length < hosting["shortest_min"]:
                        continue
                    cost = (
                        weight["S01"] * (clash[last] - clash[first])
                        + weight["S03"] * (reluctant[last] - reluctant[first])
                        + weight["S09"] * (length - (prime[last] - prime[first]))
                    )
                    for track in self.tracks:
                        for language in group["languages"]:
                            column = self.column(1, cost)
                            hers.append(column)
                            self.blocks.append((column, group["id"], track, language, first, last))
            left_out = self.column(1, weight["S13"])
            self.row(hers, [1] * len(hers), 0, hosting["max_blocks"])
            self.row([*hers, left_out], [1] * (len(hers) + 1), 1, INFINITY)
        for track in self.tracks:
            for at in range(n):
                on = self.hosting(track, at)
                free = self.column(1)
                self.unhosted[free] = 1
                self.row([*on, free], [1] * (len(on) + 1), 1, 1)

    def hosting(self, track, cell, language=None, group=None):
        return [
            column for column, host, on, spoken, first, last in self.blocks
            if on == track and first <= cell < last
            and language in (None, spoken) and group in (None, host)
        ]

    def _sessions(self):
        """H06 to H11, M02, M03, S01, S03, S07, S08, S10."""
        tables = self.tables
        self.starts = []  # (column, session, track, first, last)
        speakers = {speaker["id"]: speaker for speaker in self.problem["speakers"]}
        for session in self.problem["sessions"]:
            if session["priority"] == "filler":
                continue
            mine = []
            for track in session["tracks"] or self.tracks:
                for first in range(tables.n):
                    column = self._start(session, track, first, speakers)
                    if column is not None:
                        mine.append(column)
            unplaced = self.column(1)
            {"must": self.must, "should": self.should}[session["priority"]][unplaced] = 1
            self.row([*mine, unplaced], [1] * (len(mine) + 1), 1, 1)
        for track in self.tracks:
            for cell in range(tables.n):
                on = [
                    column for column, session, at, first, last in self.starts
                    if at == track and first <= cell < last + session["changeover_min"] // tables.cell
                ]
                self.row(on, [1] * len(on), 0, 1)
        for speaker in speakers:
            for cell in range(tables.n):
                on = self.talking(speaker, cell, cell + 1)
                self.row(on, [1] * len(on), 0, 1)
        self._topics()

    def _start(self, session, track, first, speakers):
        tables, weight = self.tables, self.tables.weight
        length, tail = session["length_min"] // tables.cell, session["changeover_min"] // tables.cell
        last = first + length
        if last + tail > tables.n:
            return None
        span = tables.start + first * tables.cell * 60, tables.start + last * tables.cell * 60
        window = session["window"] and bounds(session["window"])
        if window and not (window[0] <= span[0] and span[1] <= window[1]):
            return None
        groups = {session["group"]} - {None}
        cost = 0
        for speaker in [speakers[id] for id in session["speakers"] if session["delivery"] == "live"]:
            groups |= {speaker["group"]} - {None}
            open_s = 0
            for graded in speaker["availability"]:
                start, end = bounds(graded["span"])
                shared = max(0, min(end, span[1]) - max(start, span[0]))
                open_s += shared * (graded["grade"] != "impossible")
                cost += weight["S03"] * (shared // 60) * (graded["grade"] == "if-need-be")
            if open_s < span[1] - span[0]:
                return None
        for group in groups:
            at = tables.groups[group]
            if tables.blocked[at, first:last].any():
                return None
            cost += weight["S01"] * int(tables.weighed[at, first:last].sum())
        around = [
            column for column, _, on, _, begin, end in self.blocks
            if on == track and begin <= first and last + tail <= end
        ]
        column = self.column(1, cost)
        self.starts.append((column, session, track, first, last))
        self.row([*around, column], [*([1] * len(around)), -1], 0, INFINITY)
        # Inside one block, what holds at its first cell holds all along.
        at_first = [block for block in self.blocks if block[2] == track and block[4] <= first < block[5]]
        foreign = [block[0] for block in at_first if block[3] != session["language"]]
        self._both(column, foreign, weight["S07"] * session["length_min"])
        if session["group"] is not None:
            others = [block[0] for block in at_first if block[1] != session["group"]]
            self._both(column, others, weight["S08"])
        return column

    def _both(self, column, others, cost):
        """Costs when `column` and one of `others` are chosen."""
        if cost and others:
            both = self.column(1, cost)
            self.row([column, *others, both], [1] * (len(others) + 1) + [-1], -INFINITY, 1)

    def talking(self, speaker, frm, to):
        """Sessions at which she is live in some of these cells."""
        return [
            column for column, session, _, first, last in self.starts
            if session["delivery"] == "live" and speaker in session["speakers"] and first < to and frm < last
        ]

    def _topics(self):
        """S10: minutes of overlap of each pair that shares a tag."""
        tables = self.tables
        for at, one in enumerate(self.starts):
            for other in self.starts[at + 1:]:
                same = one[1]["id"] == other[1]["id"] or one[2] == other[2]
                shared = min(one[4], other[4]) - max(one[3], other[3])
                if not same and shared > 0 and set(one[1]["tags"]) & set(other[1]["tags"]):
                    self._both(one[0], [other[0]], tables.weight["S10"] * shared * tables.cell)

    def _reserve(self):
        """S12: no filler is ever placed, so what is missing is missing whatever is planned."""
        tables, cell = self.tables, self.tables.cell
        speakers = {speaker["id"]: speaker for speaker in self.problem["speakers"]}
        fillers = [s for s in self.problem["sessions"] if s["priority"] == "filler"]

        def could_start(filler, first):
            start = tables.start + first * cell * 60
            end = start + filler["length_min"] * 60
            if end > tables.start + tables.n * cell * 60:
                return False
            window = filler["window"] and bounds(filler["window"])
            if window and not (window[0] <= start and end <= window[1]):
                return False
            for speaker in filler["speakers"] if filler["delivery"] == "live" else []:
                spans = [
                    bounds(graded["span"]) for graded in speakers[speaker]["availability"]
                    if graded["grade"] != "impossible"
                ]
                if sum(max(0, min(b, end) - max(a, start)) for a, b in spans) < end - start:
                    return False
            return True

        first = 0
        while first < tables.n:
            last = min(tables.n, first + -(-STRETCH_MIN // cell))
            ready = any(could_start(filler, at) for filler in fillers for at in range(first, last))
            self.constant += 0 if ready else tables.weight["S12"]
            first = last

    # ------------------------------------------------------------ what the roster hears of it

    def _languages(self):
        """H16 and H23 where blocks decide; `demand` says whether an interpreter is asked for."""
        tables = self.tables
        own = self.problem["event"]["language"]
        spoken = sorted({block[3] for block in self.blocks})
        self.demand = {}
        covering = {}
        for at, (who, what, first, last, _) in enumerate(self.shifts):
            for cell in range(first, last):
                covering.setdefault((what, cell), {}).setdefault(who, []).append(at)
        for what, duty in enumerate(tables.duties):
            if duty.needs == "nothing":
                continue
            for cell in np.flatnonzero(duty.demanded):
                cell = int(cell)
                by_language = {
                    language: [c for track in duty.tracks for c in self.hosting(track, cell, language)]
                    for language in spoken
                }
                if duty.needs == "interpretation":
                    foreign = [c for language, on in by_language.items() if language != own for c in on]
                    asked = self.column(1)
                    self.demand[what, cell] = asked
                    for column in foreign:
                        self.row([asked, column], [1, -1], 0, INFINITY)
                    self.row([asked, *foreign], [-1] + [1] * len(foreign), 0, INFINITY)
                    by_language.pop(own, None)
                else:
                    # Where a track has no block the event's language is spoken.
                    free = [list(self.unhosted)[self.tracks.index(t) * tables.n + cell] for t in duty.tracks]
                    by_language[own] = by_language.get(own, []) + free
                for who, on in covering.get((what, cell), {}).items():
                    known = {
                        skill[0] for skill in tables.people[who].skills[duty.role]
                        if duty.needs == "block-language" or skill[1] == own
                    }
                    for language, hosts in by_language.items():
                        for host in hosts if language not in known else []:
                            self.row([*on, host], [1] * (len(on) + 1), 0, 1)
                    if duty.needs == "interpretation":
                        self.row([*on, asked], [*([1] * len(on)), -1], -INFINITY, 0)
        self._openings()

    def _openings(self):
        """S06: where the interpreter's demand begins there is nobody to take over from."""
        tables = self.tables
        for at, (_, what, first, _, handover) in enumerate(self.shifts):
            duty = tables.duties[what]
            missing = max(0, duty.handover_min - handover * tables.cell)
            cost = tables.weight["S06"] * missing
            if cost and (what, first - 1) in self.demand:
                refund = self.column(1, -cost)
                self.row([refund, at], [1, -1], -INFINITY, 0)
                self.row([refund, self.demand[what, first - 1]], [1, 1], 0, 1)

    def row_of_gap(self, what, cell, on, gap, count):
        asked = self.demand.get((what, cell))
        if asked is None:
            super().row_of_gap(what, cell, on, gap, count)
        else:
            self.row([*on, gap, asked], [1] * (len(on) + 1) + [-count], 0, INFINITY)

    def _speakers(self):
        """H13: nobody is on duty while she speaks live or prepares to."""
        tables = self.tables
        lead = tables.policy["speaker_preparation_min"] * 60
        for who, operator in enumerate(self.problem["operators"]):
            for column, session, _, first, last in self.starts:
                if session["delivery"] != "live" or operator["speaker"] not in session["speakers"]:
                    continue
                away = tables.minutes([(
                    tables.start + first * tables.cell * 60 - lead, tables.start + last * tables.cell * 60,
                )])
                for cell in np.flatnonzero(away):
                    on = [
                        at for at, (hers, _, frm, to, handover) in enumerate(self.shifts)
                        if hers == who and frm - handover <= cell < to
                    ]
                    if on:
                        self.row([*on, column], [1] * (len(on) + 1), 0, 1)

    # ------------------------------------------------------------ plans

    def programme(self, values, instant):
        """The blocks and sessions of a plan."""
        def span(first, last):
            begin, cell = self.tables.start, self.tables.cell * 60
            return {"start": instant(begin + first * cell), "end": instant(begin + last * cell)}

        blocks = [
            {"id": f"block-{column}", "track": track, "group": group, "language": language, "span": span(first, last)}
            for column, group, track, language, first, last in self.blocks if values[column]
        ]
        sessions = [
            {"session": session["id"], "track": track, "span": span(first, last)}
            for column, session, track, first, last in self.starts if values[column]
        ]
        return blocks, sessions

    def chosen_programme(self, plan):
        """The columns of a plan's blocks and sessions; KeyError for one that no rule allows."""
        blocks = {block[1:]: block[0] for block in self.blocks}
        starts = {(session["id"], track, first): at for at, session, track, first, _ in self.starts}
        found = []
        for block in plan["blocks"]:
            cells = self.tables.cells(block["span"])
            found.append(blocks[block["group"], block["track"], block["language"], *cells])
        for placed in plan["sessions"]:
            found.append(starts[placed["session"], placed["track"], self.tables.cells(placed["span"])[0]])
        return found
