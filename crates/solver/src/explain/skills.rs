//! Who has which skill of a role, and how skills are called.

use std::collections::BTreeSet;

use meridian_model::{Language, Operator, Role, RoleNeed, Skill, SkillLevel};

use super::view::View;

/// Whether someone has any skill in a role.
pub(super) fn knows(operator: &Operator, role: &Role) -> bool {
    operator.skills.iter().any(|skill| skill.role == role.id)
}

/// The skills of a role that someone lacks for some languages, in words.
pub(super) fn lacking(
    view: &View<'_>,
    operator: &Operator,
    role: &Role,
    needed: &BTreeSet<&Language>,
) -> Vec<String> {
    if !knows(operator, role) {
        return words(view, role, needed);
    }
    let event = &view.problem.event.language;
    let has = |language: &Language| {
        let fits = |skill: &Skill| {
            skill.role == role.id
                && match role.needs {
                    RoleNeed::Nothing => true,
                    RoleNeed::BlockLanguage => skill.language.as_ref() == Some(language),
                    RoleNeed::Interpretation => {
                        (skill.language.as_ref(), skill.into.as_ref())
                            == (Some(language), Some(event))
                    }
                }
        };
        operator.skills.iter().any(fits)
    };
    let lacking: BTreeSet<&Language> = needed
        .iter()
        .copied()
        .filter(|language| !has(language))
        .collect();
    if lacking.is_empty() {
        Vec::new()
    } else {
        words(view, role, &lacking)
    }
}

/// The skills of a role for some languages, such as `MC in ja`; the role's name where it needs no language.
pub(super) fn words(view: &View<'_>, role: &Role, languages: &BTreeSet<&Language>) -> Vec<String> {
    let (name, event) = (&role.name, &view.problem.event.language);
    if languages.is_empty() {
        return vec![name.clone()];
    }
    languages
        .iter()
        .map(|language| match role.needs {
            RoleNeed::Nothing => name.clone(),
            RoleNeed::BlockLanguage => format!("{name} in {language}"),
            RoleNeed::Interpretation => format!("{name} from {language} into {event}"),
        })
        .collect()
}

/// The skill of a role for blocks in `language`, by someone trained; `event` is the event's language.
pub(super) fn skill_for(role: &Role, language: &Language, event: &Language) -> Skill {
    let (language, into) = match role.needs {
        RoleNeed::Nothing => (None, None),
        RoleNeed::BlockLanguage => (Some(language), None),
        RoleNeed::Interpretation => (Some(language), Some(event)),
    };
    Skill {
        role: role.id.clone(),
        language: language.cloned(),
        into: into.cloned(),
        level: SkillLevel::Trained,
    }
}
