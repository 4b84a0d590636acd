//! A small event folder, for tests that change one thing in it.

use std::collections::BTreeMap;

/// Files by relative path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Two groups, two operators, one speaker, half a day before and after a European clock change.
pub(crate) fn small() -> Files {
    let files = [
        (
            "event.toml",
            r#"
format = "meridian-event/1"
id = "small"
title = "Small"
zone = "Europe/Berlin"
start = "2026-03-28T12:00"
hours = 24
cell_min = 5
language = "en"
tracks = [{ id = "a" }]
roles = [{ id = "engineer" }]
duties = [{ id = "engineer-a", role = "engineer", tracks = ["a"] }]
"#,
        ),
        (
            "groups.toml",
            r#"
[[groups]]
id = "berlin"
zone = "Europe/Berlin"
country = "DE"
languages = ["en"]
size = 40
hosting = ["daily 14:00-20:00"]

[[groups]]
id = "kathmandu"
zone = "Asia/Kathmandu"
country = "NP"
languages = ["ne", "en"]
size = 30
"#,
        ),
        (
            "operators.csv",
            "id,group,skills\notter,berlin,engineer\nyak,kathmandu,engineer?\n",
        ),
        ("speakers.csv", "id,group\nspeaker-01,kathmandu\n"),
    ];
    files
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .collect()
}
