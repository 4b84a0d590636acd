//! The formulation has a place for every rule.

use meridian_model::RuleCode;

#[test]
fn every_rule_has_its_place_in_the_formulation() {
    let page = include_str!("../../../docs/formulation.md");
    let missing: Vec<_> = RuleCode::ALL
        .iter()
        .filter(|rule| !page.contains(rule.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/formulation.md does not name {missing:?}"
    );
}
