//! The table `policy` of `event.toml`: what the event asks of a plan, and the defaults of people and groups.

use meridian_model::{AlertScope, Impact, Level, Policy, RuleCode};

use super::tree::Table;
use crate::civil::DayRange;
use crate::fault::{FaultCode, Faults, Place};
use crate::words;

/// The policy and the defaults of people and groups.
#[derive(Debug)]
pub(crate) struct PolicyRow {
    pub(crate) policy: Policy,
    pub(crate) night: DayRange,
    pub(crate) prime: DayRange,
    pub(crate) block_min: (u32, u32),
    pub(crate) max_blocks: u32,
}

/// Reads the table `policy` over its defaults.
pub(crate) fn read(root: &Table<'_, '_, '_>, cell: u32, faults: &mut Faults) -> PolicyRow {
    let mut row = defaults(cell);
    root.table("policy", faults, |table, faults| {
        given(table, cell, &mut row, faults);
    });
    let (grid, (shortest, longest)) = (row.policy.block_grid_min, row.block_min);
    if grid > 0 && !(shortest.is_multiple_of(grid) && longest.is_multiple_of(grid)) {
        faults.add(
            &root.place("policy").field("block_min"),
            FaultCode::F034,
            format!(
                "block_min [{shortest}, {longest}] is not in multiples of block_grid_min {grid}"
            ),
            "write a block_min that fits the grid",
        );
    }
    let policy = &row.policy;
    if policy.shift_shortest_min > policy.max_duty_min {
        faults.add(
            &root.place("policy").field("max_duty_min"),
            FaultCode::F040,
            format!(
                "the shortest shift, {} minutes, is longer than anybody may be on duty, {}",
                policy.shift_shortest_min, policy.max_duty_min
            ),
            "allow shorter shifts (shift_min) or longer duty (max_duty_min)",
        );
    }
    row
}

/// The policy of an event that says nothing.
pub(crate) fn defaults(cell: u32) -> PolicyRow {
    // Half an hour, or the least whole number of cells that makes whole half hours.
    let block_grid_min = if matches!(cell, 20 | 60) { 60 } else { 30 };
    PolicyRow {
        policy: Policy {
            block_grid_min,
            ..Policy::default()
        },
        night: DayRange::hours(23, 7),
        prime: DayRange::hours(8, 23),
        block_min: (60, 180),
        max_blocks: 1,
    }
}

fn given(table: &Table<'_, '_, '_>, cell: u32, row: &mut PolicyRow, faults: &mut Faults) {
    let policy = &mut row.policy;
    let impact = table
        .text("clashes", faults)
        .and_then(|at| words::choice(&at.value, &IMPACTS, &table.place("clashes"), faults));
    set(&mut policy.clashes, impact);
    let scopes = [("track", AlertScope::Track), ("event", AlertScope::Event)];
    let scope = table
        .text("alert_scope", faults)
        .and_then(|at| words::choice(&at.value, &scopes, &table.place("alert_scope"), faults));
    set(&mut policy.alert.scope, scope);
    set(
        &mut policy.alert.min_people,
        table.number("alert_people", 0..=20, faults),
    );
    if let Some((shortest, longest)) = table.bounds("shift_min", 5..=1440, faults) {
        let place = table.place("shift_min");
        set(
            &mut policy.shift_shortest_min,
            words::on_grid(shortest, 1, cell, "cell", &place, faults),
        );
        set(
            &mut policy.shift_longest_min,
            words::on_grid(longest, 1, cell, "cell", &place, faults),
        );
    }
    set(
        &mut policy.max_shifts,
        table.number("max_shifts", 1..=50, faults),
    );
    set(
        &mut policy.rest_min,
        table.number("rest_min", 0..=1440, faults),
    );
    set(
        &mut policy.max_duty_min,
        table.number("max_duty_min", 1..=1440, faults),
    );
    set(
        &mut policy.max_awake_min,
        table.number("max_awake_min", 60..=2880, faults),
    );
    set(
        &mut policy.sleep_min,
        table.number("sleep_min", 0..=1440, faults),
    );
    set(
        &mut policy.speaker_preparation_min,
        table.number("speaker_preparation_min", 0..=240, faults),
    );
    if let Some(grid) = table.number("block_grid_min", 5..=1440, faults) {
        let place = table.place("block_grid_min");
        set(
            &mut policy.block_grid_min,
            words::on_grid(grid, 1, cell, "cell", &place, faults),
        );
    }
    set(
        &mut row.block_min,
        table.bounds("block_min", 5..=1440, faults),
    );
    set(
        &mut row.max_blocks,
        table.number("max_blocks", 1..=100, faults),
    );
    set(&mut row.night, range(table, "night", faults));
    set(&mut row.prime, range(table, "prime", faults));
    table.table("weights", faults, |weights, faults| {
        weigh(weights, &mut row.policy, faults);
    });
}

fn set<T>(target: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *target = given;
    }
}

/// What a regional event may do.
pub(crate) const IMPACTS: [(&str, Impact); 3] = [
    ("block", Impact::Block),
    ("weigh", Impact::Weigh),
    ("ignore", Impact::Ignore),
];

fn range(table: &Table<'_, '_, '_>, key: &'static str, faults: &mut Faults) -> Option<DayRange> {
    let text = table.text(key, faults)?;
    day_range(&text.value, &table.place(key), faults)
}

/// A daily range that is shorter than a day.
pub(crate) fn day_range(text: &str, place: &Place<'_>, faults: &mut Faults) -> Option<DayRange> {
    let remedy = "write two times of day like 23:00-07:00";
    match DayRange::parse(text) {
        Some(range) if range.is_whole_day() => {
            faults.add(
                place,
                FaultCode::F016,
                format!("{text:?} begins where it ends"),
                remedy,
            );
            None
        }
        Some(range) => Some(range),
        None => {
            faults.add(
                place,
                FaultCode::F015,
                format!("{text:?} is no range of times of day"),
                remedy,
            );
            None
        }
    }
}

fn weigh(table: &Table<'_, '_, '_>, policy: &mut Policy, faults: &mut Faults) {
    for (key, weight) in table.numbers() {
        let place = table.place(&key);
        let soft = RuleCode::ALL
            .iter()
            .find(|rule| rule.as_str() == key && rule.level() == Level::Soft);
        let Some(&rule) = soft else {
            faults.add(
                &place,
                FaultCode::F009,
                format!("{key:?} is no soft rule"),
                "only soft rules are weighed; their codes are S01 to S15",
            );
            continue;
        };
        let Some(weight) = weight else {
            faults.add(
                &place,
                FaultCode::F031,
                format!("the weight of {key} is not a whole number"),
                "write 0 or more",
            );
            continue;
        };
        if let Some(weight) = words::in_range(weight, 0..=1_000_000, &place, faults) {
            policy.weights.insert(rule, i64::from(weight));
        }
    }
}
