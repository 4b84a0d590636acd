//! The rule catalogue: every rule is one thing with one code, for ever.
//!
//! A rule's clause stands in [`crate::check`], its term in the solver, its line in `docs/rules.md`. *Covered* is a
//! shift's own span; *on duty* is that span and the handover before it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a rule weighs against others: levels are compared lexicographically.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A plan that breaks it is refused.
    Hard,
    /// Counted and never hidden: something is missing.
    Medium,
    /// Weighed: it could be nicer.
    Soft,
}

macro_rules! catalogue {
    ($($code:ident $level:ident $weight:literal $name:literal $says:literal;)*) => {
        /// The code of a rule.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        pub enum RuleCode {$(
            #[doc = $says]
            $code,
        )*}

        impl RuleCode {
            /// All rules, by code.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The code as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$code => stringify!($code)),*}
            }

            /// Its level.
            #[must_use]
            pub const fn level(self) -> Level {
                match self {$(Self::$code => Level::$level),*}
            }

            /// A short name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {$(Self::$code => $name),*}
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self {$(Self::$code => $says),*}
            }

            /// Cost of one unit of a soft rule unless the policy says otherwise; 1 for the others.
            #[must_use]
            pub const fn default_weight(self) -> i64 {
                match self {$(Self::$code => $weight),*}
            }
        }
    };
}

catalogue! {
    H01 Hard 1 "well-formed" "Every item refers to things the problem knows, lies with its handover on cells inside the horizon, and is there once.";
    H02 Hard 1 "one-host" "No cell of a track has two hosts.";
    H03 Hard 1 "host-available" "A host wants to host, in a language it speaks, at times that are not impossible for it.";
    H04 Hard 1 "host-clash" "No block lies in a regional event that blocks its host.";
    H05 Hard 1 "block-length" "A block is as long as its host allows, starts on the block grid counted from the start of the horizon, and no host has more blocks than it offered.";
    H06 Hard 1 "session-in-block" "A session lies with its change-over inside one host block of its track.";
    H07 Hard 1 "session-window" "A session has its own length, in its allowed window, on an allowed track.";
    H08 Hard 1 "one-session" "No cell of a track has two sessions, change-over counted.";
    H09 Hard 1 "speaker-available" "A live session lies in times that are not impossible for any of its speakers.";
    H10 Hard 1 "speaker-one-place" "A speaker has no two live sessions at the same time, preparation not counted.";
    H11 Hard 1 "session-clash" "No session lies in a regional event that blocks its group or, when live, a speaker's group.";
    H12 Hard 1 "operator-available" "Nobody is on duty, handover counted, at a time that is impossible for her.";
    H13 Hard 1 "one-place" "Nobody is in two places: on duty, handover counted, for two shifts, or on duty while speaking live or preparing to.";
    H14 Hard 1 "alert-once" "Nobody counts twice in one alert: no two of her shifts in alerted roles cover the same cell of it.";
    H15 Hard 1 "alert-awake" "Whoever is on duty in an alerted role, handover counted, is outside her night.";
    H16 Hard 1 "skill" "Whoever serves a role has its skill, in every language that the blocks she covers need.";
    H17 Hard 1 "shift-clash" "No shift, handover counted, lies in a regional event that blocks the operator's group.";
    H18 Hard 1 "shift-length" "A shift's covered time is neither too short nor too long.";
    H19 Hard 1 "duty-hours" "Nobody is on duty, handover counted, for more than her limit in any 24 hours.";
    H20 Hard 1 "awake-span" "From first to last duty, handover counted, without a break long enough to sleep, nobody is kept too long.";
    H21 Hard 1 "rest" "Between two shifts of one person, from the end of one to the handover of the next, lies the least rest.";
    H22 Hard 1 "shift-count" "Nobody has more shifts than allowed.";
    H23 Hard 1 "duty-demanded" "A shift covers only cells at which its duty demands someone.";
    H24 Hard 1 "pinned" "What is pinned is in the plan as it is pinned.";

    M01 Medium 1 "unhosted" "Every cell of every track has a host. Unit: track cells.";
    M02 Medium 1 "unplaced-must" "Every session that must be on is on. Unit: sessions.";
    M03 Medium 1 "unplaced-should" "Every session that should be on is on. Unit: sessions.";
    M04 Medium 1 "gap" "Every demanded cell of every duty is covered by as many people as it asks for. Unit: person cells.";
    M05 Medium 1 "alert-short" "Every cell of every alert has as many distinct people as the event asks for. Unit: missing persons, summed over cells.";

    S01 Soft 10 "clash" "Blocks, sessions and shifts avoid regional events that weigh. Unit: minutes, handover counted, per item, event and group.";
    S02 Soft 5 "night" "Nobody is on duty in her night, even where she allows it. Unit: minutes, handover counted.";
    S03 Soft 2 "if-need-be" "Times marked if-need-be are left alone: duty, hosting, live speaking. Unit: minutes, handover counted, per person and block.";
    S04 Soft 1 "fair-people" "Duty is spread over people, earlier events counted. Unit: load in minutes, handover counted, squared, over 360, rounded down, per person.";
    S05 Soft 1 "fair-groups" "Duty is spread over groups by their number of operators. Unit: the group's minutes, handover counted, squared, over 360 times its operators, rounded down, per group.";
    S06 Soft 2 "handover" "A shift begins with its role's handover, unless it begins where the demand of its duty begins. Unit: minutes of handover missing.";
    S07 Soft 10 "language-match" "A session is held in the language of its block. Unit: minutes of sessions in another language.";
    S08 Soft 60 "own-group" "A group's session is hosted by that group. Unit: sessions hosted by others.";
    S09 Soft 2 "prime-time" "Blocks lie in their host's local prime time. Unit: minutes outside prime time.";
    S10 Soft 1 "topic-spread" "Sessions that share a tag are not on at the same time on different tracks. Unit: minutes of overlap, per pair of sessions.";
    S11 Soft 2 "first-timer-alone" "A first-timer covers a track together with somebody trained. Unit: minutes covered alone.";
    S12 Soft 50 "filler-left" "In every three hours some unplaced filler could start, in its window and with its speakers if it is live. Unit: three-hour stretches without a filler.";
    S13 Soft 500 "host-left-out" "Every group that wants to host has a block. Unit: groups without a block.";
    S14 Soft 1 "preference" "Those who marked times they prefer are on duty at them. Unit: minutes on duty, handover counted, at other times.";
    S15 Soft 30 "fragmentation" "Duty comes in few shifts. Unit: shifts.";
}

impl std::fmt::Display for RuleCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
