//! When a message that was not taken is tried again, and when that ends.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// The longest first wait; each that follows may be twice as long.
const FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The longest wait of all.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// How long a receiver may go without taking anything.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// The longest wait that a receiver may ask for.
const AT_ITS_WISH: SignedDuration = SignedDuration::from_hours(24);

/// How much faster than usual all waits pass; 1 but in tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace(u32);

impl Pace {
    /// Waits divided by so much.
    pub(crate) fn hurried(by: u32) -> Self {
        Self(by.max(1))
    }

    /// The wait after so many attempts in vain, the first being 1. Drawn evenly from nothing up to a limit that doubles,
    /// so that receivers which failed together are not tried together.
    /// Source: Brooker, "Exponential Backoff and Jitter", 2015, full jitter.
    pub(crate) fn wait(self, fails: i64, draw: u64) -> SignedDuration {
        let doublings = u32::try_from(fails.saturating_sub(1)).unwrap_or(20).min(20);
        let most = FIRST.saturating_mul(1 << doublings).min(LONGEST);
        let most = u64::try_from(most.as_micros()).unwrap_or(0) / u64::from(self.0);
        let wait = i64::try_from(draw % (most + 1)).unwrap_or(i64::MAX);
        SignedDuration::from_micros(wait)
    }

    /// Whether a receiver that has taken nothing since then is given up.
    pub(crate) fn gives_up(self, failing_since: Timestamp, now: Timestamp) -> bool {
        now.duration_since(failing_since)
            .saturating_mul(i32::try_from(self.0).unwrap_or(i32::MAX))
            >= PATIENCE
    }
}

/// The wait that a receiver asks for, in seconds or until a date.
pub(crate) fn asked_for(retry_after: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = retry_after.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    Some(wait.clamp(SignedDuration::ZERO, AT_ITS_WISH))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Pace = Pace(1);

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// The longest wait after so many attempts.
    fn longest(fails: i64) -> SignedDuration {
        // A draw that is just the limit gives the limit; all others give less.
        let mut most = SignedDuration::ZERO;
        for limit in [
            5_i64, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 43_200,
        ] {
            let draw = u64::try_from(limit).expect("above 0") * 1_000_000;
            most = most.max(USUAL.wait(fails, draw));
        }
        most
    }

    #[test]
    fn waits_double_from_five_seconds_to_twelve_hours() {
        let limits: Vec<i64> = (1..=16).map(|fails| longest(fails).as_secs()).collect();
        assert_eq!(
            limits,
            [
                5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 43_200,
                43_200
            ]
        );
        assert_eq!(longest(i64::MAX).as_secs(), 43_200);
    }

    #[test]
    fn waits_are_drawn_from_all_of_the_limit() {
        assert_eq!(USUAL.wait(1, 0), SignedDuration::ZERO);
        assert_eq!(USUAL.wait(1, 1_500_000), SignedDuration::from_millis(1500));
        assert_eq!(USUAL.wait(1, 5_000_001), SignedDuration::ZERO);
        for draw in [u64::MAX, u64::MAX / 3, 12_345_678_901] {
            assert!(USUAL.wait(3, draw) <= SignedDuration::from_secs(20));
        }
        assert_eq!(
            Pace::hurried(1000).wait(1, 5_000),
            SignedDuration::from_micros(5_000)
        );
        assert_eq!(Pace::hurried(1000).wait(1, 5_001), SignedDuration::ZERO);
    }

    #[test]
    fn a_receiver_is_given_up_after_three_days() {
        let since = at("2024-08-01T00:00:00Z");
        assert!(!USUAL.gives_up(since, at("2024-08-03T23:59:59Z")));
        assert!(USUAL.gives_up(since, at("2024-08-04T00:00:00Z")));
        // Thirteen waits and more fit into that, however they are drawn.
        let all: SignedDuration = (1..=13)
            .map(longest)
            .fold(SignedDuration::ZERO, |sum, wait| sum + wait);
        assert!(all < PATIENCE);
    }

    #[test]
    fn a_wish_is_heeded_for_a_day_at_most() {
        let now = at("2024-08-01T00:00:00Z");
        let wish = |text| asked_for(text, now).map(|wait| wait.as_secs());
        assert_eq!(wish("120"), Some(120));
        assert_eq!(wish("Thu, 01 Aug 2024 01:00:00 GMT"), Some(3600));
        assert_eq!(wish("Wed, 31 Jul 2024 23:00:00 GMT"), Some(0));
        assert_eq!(wish("4294967295"), Some(86_400));
        assert_eq!(wish("soon"), None);
        assert_eq!(wish("-1"), None);
    }
}
