//! What hours on duty allow one person: H18 to H22, on cells.

use smallvec::SmallVec;

use super::CellShift;
use crate::instance::Instance;

/// The most that hours on duty allow one person beside her pinned shifts, in cells.
#[derive(Clone, Debug)]
pub(crate) struct Hours<'a> {
    /// On duty in any 24 hours.
    cap: usize,
    /// 24 hours.
    pub(super) day: usize,
    pub(super) rest: usize,
    pub(super) sleep: usize,
    pub(super) awake: usize,
    /// Further shifts.
    pub(crate) free: usize,
    /// On duty in all of them.
    pub(crate) most: usize,
    /// On duty in one of them.
    pub(crate) longest: usize,
    pub(super) pinned: &'a [CellShift],
}

impl<'a> Hours<'a> {
    pub(crate) fn of(instance: &Instance<'_>, operator: usize, pinned: &'a [CellShift]) -> Self {
        let limits = instance.limits;
        let cap = instance.operators[operator].max_duty;
        let taken: usize = pinned.iter().map(CellShift::on_duty).sum();
        let free = limits.max_shifts.saturating_sub(pinned.len());
        let handover = instance.duties.iter().map(|d| d.handover).max();
        let longest = (limits.longest + handover.unwrap_or(0))
            .min(cap)
            .min(limits.max_awake);
        let most = (cap * instance.days())
            .saturating_sub(taken)
            .min(longest.saturating_mul(free));
        Self {
            cap,
            day: instance.day(),
            rest: limits.rest,
            sleep: limits.sleep,
            awake: limits.max_awake,
            free,
            most,
            longest: longest.min(most),
            pinned,
        }
    }

    /// Cells from the end of an earlier shift of `first` cells to the start of one of `second` cells, awake span apart.
    pub(super) fn apart(&self, first: usize, second: usize) -> usize {
        if first + second <= self.cap {
            return self.rest;
        }
        // More than a day's limit in all: any 24 hours that touch both then hold at most it exactly when as much lies
        // between them as a day has beyond the limit.
        self.rest.max(self.day.saturating_sub(self.cap))
    }

    /// The most that may be added within cells of no more than 24 hours, pinned shifts taken off.
    pub(super) fn left_within(&self, from: usize, to: usize) -> usize {
        let inside = |s: &CellShift| s.end.min(to).saturating_sub(s.from().max(from));
        let pinned: usize = self.pinned.iter().map(inside).sum();
        self.cap.saturating_sub(pinned)
    }

    /// Whether one person can do all of these with what is pinned: one place, rest, awake span, limit of the day.
    pub(crate) fn allow(&self, shifts: &[CellShift]) -> bool {
        let mut all: SmallVec<[&CellShift; 4]> = shifts.iter().chain(self.pinned).collect();
        all.sort_unstable_by_key(|shift| shift.start);
        let mut awake_since = all.first().map_or(0, |first| first.from());
        for (n, shift) in all.iter().enumerate() {
            if let Some(before) = n.checked_sub(1).and_then(|n| all.get(n)) {
                let Some(pause) = shift.from().checked_sub(before.end) else {
                    return false;
                };
                if pause < self.rest {
                    return false;
                }
                if pause >= self.sleep {
                    awake_since = shift.from();
                }
            }
            // The fullest 24 hours end where some shift ends, or begin where one begins and are no fuller than those
            // that end with the last shift in them.
            let since = shift.end.saturating_sub(self.day);
            let within = |s: &&&CellShift| s.end.saturating_sub(s.from().max(since));
            let on_duty: usize = all[..=n].iter().map(|s| within(&s)).sum();
            let until = shift.from() + self.day;
            let ahead = |s: &&&CellShift| s.end.min(until).saturating_sub(s.from());
            let later: usize = all[n..].iter().map(|s| ahead(&s)).sum();
            let too_long = shift.end - awake_since > self.awake;
            if too_long || on_duty > self.cap || later > self.cap {
                return false;
            }
        }
        true
    }
}
