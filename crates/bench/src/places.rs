//! Where groups are: zone, country, main language. Spread over the clock, in order of the sun.

/// A place that a group may be from.
pub(crate) struct Place {
    pub(crate) zone: &'static str,
    pub(crate) country: &'static str,
    pub(crate) language: &'static str,
}

const fn place(zone: &'static str, country: &'static str, language: &'static str) -> Place {
    Place {
        zone,
        country,
        language,
    }
}

/// From east to west.
pub(crate) const PLACES: [Place; 24] = [
    place("Pacific/Auckland", "NZ", "en"),
    place("Australia/Sydney", "AU", "en"),
    place("Asia/Tokyo", "JP", "ja"),
    place("Asia/Seoul", "KR", "ko"),
    place("Asia/Shanghai", "CN", "zh"),
    place("Asia/Jakarta", "ID", "id"),
    place("Asia/Kathmandu", "NP", "en"),
    place("Asia/Kolkata", "IN", "en"),
    place("Asia/Dubai", "AE", "en"),
    place("Europe/Istanbul", "TR", "tr"),
    place("Africa/Nairobi", "KE", "en"),
    place("Europe/Berlin", "DE", "de"),
    place("Europe/Paris", "FR", "fr"),
    place("Africa/Lagos", "NG", "en"),
    place("Europe/Lisbon", "PT", "pt"),
    place("Africa/Accra", "GH", "en"),
    place("America/Sao_Paulo", "BR", "pt"),
    place("America/Argentina/Buenos_Aires", "AR", "es"),
    place("America/New_York", "US", "en"),
    place("America/Bogota", "CO", "es"),
    place("America/Mexico_City", "MX", "es"),
    place("America/Denver", "US", "en"),
    place("America/Los_Angeles", "US", "en"),
    place("Pacific/Honolulu", "US", "en"),
];
