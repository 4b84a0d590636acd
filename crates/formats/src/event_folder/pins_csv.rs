//! `pins.csv`: what must stay as it is.

use meridian_model::ZoneSet;

use super::people_csv::number;
use super::sessions_csv::{Window, window};
use super::table;
use crate::fault::{FaultCode, Faults};
use crate::words;

/// What a pin holds in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinKind {
    Block,
    Session,
    Shift,
}

/// A row of `pins.csv`.
#[derive(Debug)]
pub(crate) struct PinRow {
    pub(crate) kind: Option<PinKind>,
    pub(crate) who: Option<String>,
    pub(crate) what: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) window: Option<Window>,
    pub(crate) handover_min: u32,
    pub(crate) line: u64,
}

/// Reads `pins.csv`.
pub(crate) fn read(
    bytes: &[u8],
    file: &str,
    cell: Option<u32>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Vec<PinRow> {
    let known = [
        "kind",
        "who",
        "what",
        "start",
        "end",
        "zone",
        "handover_min",
    ];
    let rows = table::rows(
        bytes,
        file,
        &known,
        &["kind", "who", "what", "start", "end"],
        faults,
    );
    let kinds = [
        ("block", PinKind::Block),
        ("session", PinKind::Session),
        ("shift", PinKind::Shift),
    ];
    let rows = rows.map(|row| {
        let kind = row
            .need("kind", faults)
            .and_then(|text| words::choice(text, &kinds, &row.place("kind"), faults));
        let what = row.need("what", faults);
        let (what, language) = match (kind, what.and_then(|text| text.split_once(':'))) {
            (Some(PinKind::Block), Some((track, language))) => (
                Some(track),
                words::language(language, &row.place("what"), faults),
            ),
            (Some(PinKind::Block), None) => {
                if what.is_some() {
                    faults.add(
                        &row.place("what"),
                        FaultCode::F031,
                        "a pinned block has no language",
                        "write track and language, such as a:ja",
                    );
                }
                (what, None)
            }
            _ => (what, None),
        };
        if row.get("start").is_none() && row.get("end").is_none() {
            row.need("start", faults);
        }
        let handover = number(&row, "handover_min", 0..=60, faults).unwrap_or(0);
        if handover > 0 && kind.is_some_and(|kind| kind != PinKind::Shift) {
            faults.add(
                &row.place("handover_min"),
                FaultCode::F040,
                "only shifts have a handover",
                "leave handover_min blank",
            );
        }
        let place = row.place("handover_min");
        PinRow {
            kind,
            who: row.need("who", faults).map(str::to_owned),
            what: what.map(str::to_owned),
            language,
            window: window(&row, ["start", "end", "zone"], zones, faults),
            handover_min: words::on_grid(handover, 0, cell.unwrap_or(0), "cell", &place, faults)
                .unwrap_or(0),
            line: row.line.unwrap_or(1),
        }
    });
    rows.items
}
