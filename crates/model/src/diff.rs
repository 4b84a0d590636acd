//! What changed from one plan to the next.
