//! Which reference of an object takes an Application in.

use crate::{
    Text,
    observe::{Application, ApplicationRef, LabelExpression, Labels, ObjectName, Selector, UpdaterSpec},
    phrase::Said,
    said,
    updater::glob::Glob,
};

/// How specific a reference is: the program takes the most specific one that matches.
#[must_use]
pub fn specificity(reference: &ApplicationRef) -> usize {
    let pattern = &*reference.name_pattern;
    let exact = if pattern.contains(['*', '?', '[', ']']) { 0 } else { 1_000_000 };
    let selector = reference
        .selector
        .as_ref()
        .map_or(0, |selector| 10_000 + 100 * (selector.labels.len() + selector.expressions.len()));
    exact + selector + literals(pattern)
}

/// Bytes that are neither wildcards nor in brackets.
fn literals(pattern: &str) -> usize {
    let mut count = 0;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if c == '['
            && let Some(end) = rest.find(']')
        {
            rest = &rest[end + 1..];
            continue;
        }
        if !matches!(c, '*' | '?') {
            count += c.len_utf8();
        }
        rest = &rest[c.len_utf8()..];
    }
    count
}

/// The most specific first; equals stay in the object's order.
pub(super) fn by_specificity(references: &[ApplicationRef]) -> Vec<&ApplicationRef> {
    let mut sorted: Vec<_> = references.iter().collect();
    sorted.sort_by_key(|reference| std::cmp::Reverse(specificity(reference)));
    sorted
}

/// A pattern that is malformed: the program then refuses the whole object.
pub(super) fn broken_pattern(spec: &UpdaterSpec) -> Option<&Text> {
    spec.references.iter().map(|it| &it.name_pattern).find(|pattern| Glob::new(pattern).is_none())
}

pub(super) fn matches(
    reference: &ApplicationRef,
    name: &ObjectName,
    application: &Application,
) -> Result<(), Said> {
    let pattern = &reference.name_pattern;
    if !Glob::new(pattern).is_some_and(|glob| glob.matches(&name.name)) {
        return Err(said!("tried-name", "the name does not fit {pattern}", pattern = pattern));
    }
    match &reference.selector {
        Some(selector) if !selects(selector, &application.labels) => {
            Err(said!("tried-labels", "the labels do not fit the selector"))
        }
        _ => Ok(()),
    }
}

fn selects(selector: &Selector, labels: &Labels) -> bool {
    let value = |key: &str| labels.iter().find(|(k, _)| **k == *key).map(|(_, v)| &**v);
    selector.labels.iter().all(|(key, wanted)| value(key) == Some(wanted))
        && selector.expressions.iter().all(|it| fits(it, value(&it.key)))
}

/// An expression that Kubernetes refuses fits nothing.
fn fits(expression: &LabelExpression, value: Option<&str>) -> bool {
    let named = |value: &str| expression.values.iter().any(|it| **it == *value);
    let empty = expression.values.is_empty();
    match &*expression.operator {
        "In" => value.is_some_and(named),
        "NotIn" => !empty && !value.is_some_and(named),
        "Exists" => empty && value.is_some(),
        "DoesNotExist" => empty && value.is_none(),
        _ => false,
    }
}
