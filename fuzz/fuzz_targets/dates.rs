//! See `meridian_fuzz`, where the function of this name says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meridian_fuzz::dates(bytes));
