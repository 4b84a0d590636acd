//! Words that inputs share: identifiers, languages, countries, zones, numbers, choices.

use std::ops::RangeInclusive;

use meridian_model::{ZoneName, ZoneSet};

use crate::fault::{FaultCode, Faults, Place};
use crate::text::nearest;

/// ISO 639-1 codes.
/// Source: ISO 639-1, as registered by the Library of Congress.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv \
cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig \
ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn \
mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si \
sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo \
za zh zu";

/// ISO 3166-1 alpha-2 codes.
/// Source: ISO 3166-1; `XK` is the user-assigned code in common use for Kosovo.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES \
ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO \
IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK \
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR \
PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK \
TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// An identifier: letters, digits, dots, underscores and hyphens, beginning with a letter or digit.
pub(crate) fn id(value: &str, place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let well_formed = value.len() <= 64
        && value
            .chars()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if well_formed {
        return Some(value.to_owned());
    }
    faults.add(
        place,
        FaultCode::F026,
        format!("{value:?} is no identifier"),
        "use 1 to 64 letters a-z A-Z, digits, dots, underscores and hyphens, beginning with a letter or digit",
    );
    None
}

/// A language code.
pub(crate) fn language(value: &str, place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let three = value.len() == 3 && value.chars().all(|c| c.is_ascii_lowercase());
    if three || LANGUAGES.split_whitespace().any(|code| code == value) {
        return Some(value.to_owned());
    }
    faults.add(
        place,
        FaultCode::F032,
        format!("{value:?} is no language code"),
        "use the two-letter ISO 639-1 code in lower case, such as ja or pt, or a three-letter one where there is none",
    );
    None
}

/// A country code.
pub(crate) fn country(value: &str, place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    if COUNTRIES.split_whitespace().any(|code| code == value) {
        return Some(value.to_owned());
    }
    faults.add(
        place,
        FaultCode::F033,
        format!("{value:?} is no country code"),
        "use the ISO 3166-1 alpha-2 code in capitals, such as JP or UY",
    );
    None
}

/// A subdivision code; its country must be `country` when one is given.
pub(crate) fn subdivision(
    value: &str,
    country: Option<&str>,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<String> {
    let well_formed = value.split_once('-').is_some_and(|(of, part)| {
        COUNTRIES.split_whitespace().any(|code| code == of)
            && country.is_none_or(|country| country == of)
            && (1..=3).contains(&part.len())
            && part
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    });
    if well_formed {
        return Some(value.to_owned());
    }
    let of = country
        .map(|country| format!(" of {country}"))
        .unwrap_or_default();
    faults.add(
        place,
        FaultCode::F033,
        format!("{value:?} is no subdivision code{of}"),
        "use the ISO 3166-2 code in capitals, such as US-SC or JP-26, beginning with the country",
    );
    None
}

/// A time zone of the set.
pub(crate) fn zone(
    value: &str,
    zones: &ZoneSet,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<ZoneName> {
    if zones.zone(value).is_ok() {
        return Some(ZoneName::new(value));
    }
    let remedy = match nearest(value, zones.names()) {
        Some(meant) => format!("perhaps {meant} is meant"),
        None => "use a name of the IANA time zone database, such as America/Montevideo".to_owned(),
    };
    faults.add(
        place,
        FaultCode::F012,
        format!(
            "the time zone {value:?} is not in the zone set {}",
            zones.version()
        ),
        remedy,
    );
    None
}

/// A whole number in its range.
pub(crate) fn number(
    value: &str,
    range: RangeInclusive<u32>,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<u32> {
    match value.parse::<i128>() {
        Ok(number) => in_range(number, range, place, faults),
        Err(_) => {
            faults.add(
                place,
                FaultCode::F031,
                format!("{value:?} is no whole number"),
                format!(
                    "write a whole number from {} to {}",
                    range.start(),
                    range.end()
                ),
            );
            None
        }
    }
}

/// `number` when it lies in its range.
pub(crate) fn in_range(
    number: i128,
    range: RangeInclusive<u32>,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<u32> {
    let fitting = u32::try_from(number)
        .ok()
        .filter(|number| range.contains(number));
    if fitting.is_none() {
        faults.add(
            place,
            FaultCode::F030,
            format!("{number} is out of range"),
            format!(
                "write a whole number from {} to {}",
                range.start(),
                range.end()
            ),
        );
    }
    fitting
}

/// A length that must be a multiple of `grid` minutes; less than `least` is none.
pub(crate) fn on_grid(
    minutes: u32,
    least: u32,
    grid: u32,
    called: &str,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<u32> {
    if grid == 0 || minutes.is_multiple_of(grid) {
        return Some(minutes);
    }
    let below = minutes - minutes % grid;
    faults.add(
        place,
        FaultCode::F034,
        format!("{minutes} minutes is not a multiple of the {called} of {grid} minutes"),
        if below < least {
            format!("write {}", below + grid)
        } else {
            format!("write {below} or {}", below + grid)
        },
    );
    None
}

/// One of a few words.
pub(crate) fn choice<T: Copy>(
    value: &str,
    choices: &[(&str, T)],
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<T> {
    let chosen = choices.iter().find(|&&(word, _)| word == value);
    if let Some(&(_, chosen)) = chosen {
        return Some(chosen);
    }
    let words: Vec<&str> = choices.iter().map(|&(word, _)| word).collect();
    faults.add(
        place,
        FaultCode::F035,
        format!("{value:?} is not allowed here"),
        format!("write one of: {}", words.join(", ")),
    );
    None
}

/// The members of a list in one field, separated by blanks or semicolons.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    value
        .split([' ', ';', '\t'])
        .filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(check: impl Fn(&Place<'_>, &mut Faults)) -> Option<FaultCode> {
        let mut faults = Faults::default();
        check(&Place::file("x"), &mut faults);
        faults.0.first().map(|fault| fault.code)
    }

    #[test]
    fn codes_that_are_none_are_refused_and_real_ones_are_not() {
        assert_eq!(
            refused(|p, f| drop(language("jp", p, f))),
            Some(FaultCode::F032)
        );
        assert_eq!(refused(|p, f| drop(language("ja", p, f))), None);
        assert_eq!(
            refused(|p, f| drop(country("UK", p, f))),
            Some(FaultCode::F033)
        );
        assert_eq!(refused(|p, f| drop(country("UY", p, f))), None);
        assert_eq!(
            refused(|p, f| drop(subdivision("US-SC", Some("US"), p, f))),
            None
        );
        assert_eq!(
            refused(|p, f| drop(subdivision("US-SC", Some("UY"), p, f))),
            Some(FaultCode::F033)
        );
    }

    #[test]
    fn an_unknown_zone_names_the_one_that_was_meant() {
        let mut faults = Faults::default();
        let zones = ZoneSet::embedded();
        assert_eq!(
            zone("Asia/Tokio", &zones, &Place::file("x"), &mut faults),
            None
        );
        assert_eq!(
            faults.0.first().map(|fault| fault.remedy.as_str()),
            Some("perhaps Asia/Tokyo is meant")
        );
    }

    #[test]
    fn numbers_off_their_range_or_grid_are_refused() {
        assert_eq!(
            refused(|p, f| {
                number("-1", 0..=9, p, f);
            }),
            Some(FaultCode::F030)
        );
        assert_eq!(
            refused(|p, f| {
                number("many", 0..=9, p, f);
            }),
            Some(FaultCode::F031)
        );
        assert_eq!(
            refused(|p, f| {
                on_grid(7, 0, 5, "cell", p, f);
            }),
            Some(FaultCode::F034)
        );
    }
}
