//! `[[environment]]`, `[catalog]`, `[rules]`: how Applications become services and environments, and when a
//! difference becomes a finding.

use std::{collections::BTreeMap, sync::Arc};

use landfall_model::{
    Text,
    settings::{CatalogEntry, EnvironmentRule, RuleSettings},
    words::{Rule, Severity},
};
use toml::de::DeTable;

use super::{
    problem::{Place, Problem},
    reader::{Found, Reader, Section, Source},
    unknown,
};

pub fn environments(root: &Section<'_>) -> Vec<EnvironmentRule> {
    let mut rules = Vec::new();
    for section in root.list("environment") {
        let name = section.required("name");
        let label = section.text("label").and_then(|found| label(&section, &found));
        let rule = EnvironmentRule {
            name: name.as_ref().map_or_else(|| "".into(), |found| found.value.as_str().into()),
            order: section.number("order", -1_000..=1_000).and_then(|found| i32::try_from(found.value).ok()),
            cluster: pattern(&section, section.text("cluster")),
            namespace: pattern(&section, section.text("namespace")),
            label,
            application: pattern(&section, section.text("application")),
            preview: section.switch("preview"),
        };
        if !["cluster", "namespace", "label", "application"].iter().any(|key| section.given(key)) {
            section.problem(
                Problem::at(section.place(), "this rule fits everything").help(
                    "give at least one of `cluster`, `namespace`, `label`, `application`; \"*\" fits all",
                ),
            );
        }
        if name.is_some() {
            rules.push(rule);
        }
    }
    rules
}

fn label(section: &Section<'_>, found: &Found<String>) -> Option<(Text, Text)> {
    let Some((key, value)) = found.value.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
        section.problem(
            Problem::at(found.place.clone(), format!("`{}` is no label", found.value))
                .help("write it as \"key=pattern\", such as \"environment=prod*\""),
        );
        return None;
    };
    let value = Found { value: value.trim().to_owned(), place: found.place.clone() };
    Some((key.trim().into(), pattern(section, Some(value))?))
}

/// A glob that can be read.
fn pattern(section: &Section<'_>, found: Option<Found<String>>) -> Option<Text> {
    let found = found?;
    match globset::Glob::new(&found.value) {
        Ok(_) => Some(found.value.into()),
        Err(error) => {
            let what = format!("`{}` is no pattern: {}", found.value, error.kind());
            section.problem(Problem::at(found.place, what).help("`*`, `?` and `{a,b}` may be used"));
            None
        }
    }
}

/// Services of the catalogue: those written here, then those of `file`.
pub fn catalog(root: &Section<'_>, reader: &Reader<'_>) -> Vec<CatalogEntry> {
    let section = root.section("catalog");
    let mut services = Vec::new();
    let mut seen = BTreeMap::new();
    for service in section.list("service") {
        entry(&service, &mut services, &mut seen);
    }
    if let Some(file) = section.path("file") {
        match std::fs::read_to_string(&file.value) {
            Ok(text) => {
                let source = Source { path: Arc::from(file.value.as_path()), text: &text };
                let (table, errors) = DeTable::parse_recoverable(&text);
                for error in &errors {
                    reader.problem(super::syntax(&source, error));
                }
                if let Some((key, _)) = table.get_ref().get_key_value("file") {
                    let place = source.place(key.span().start);
                    reader.problem(Problem::at(place, "a catalogue file cannot name another one"));
                }
                if errors.is_empty() {
                    unknown::check(reader, &source, table.get_ref(), "catalog");
                    let root = Section::root(reader, &source, table.get_ref()).under("catalog");
                    for service in root.list("service") {
                        entry(&service, &mut services, &mut seen);
                    }
                }
            }
            Err(error) => section.problem(
                Problem::at(file.place, format!("cannot read {}: {error}", file.value.display()))
                    .help("the path counts from the folder of this file"),
            ),
        }
    }
    services
}

fn entry(section: &Section<'_>, into: &mut Vec<CatalogEntry>, seen: &mut BTreeMap<String, Place>) {
    let name = section.required("name");
    let owner = section.text("owner");
    let applications = section.texts("applications");
    let container = section.text("container");
    let repository = section.text("repository");
    let Some(name) = name else { return };
    if let Some(first) = seen.get(&name.value) {
        section.problem(
            Problem::at(name.place, format!("two services are named `{}`", name.value))
                .help(format!("the first is at {first}")),
        );
        return;
    }
    let applications = match applications {
        Some(found) => found
            .value
            .into_iter()
            .filter_map(|one| {
                let place = one.place.clone();
                // `instance:` is no part of the pattern of the name, but may itself be one.
                one.value.split(':').try_for_each(|part| {
                    let part = Found { value: part.to_owned(), place: place.clone() };
                    pattern(section, Some(part)).map(drop)
                })?;
                Some(one.value.into())
            })
            .collect(),
        None => vec![name.value.as_str().into(), format!("{}-*", name.value).into()],
    };
    seen.insert(name.value.clone(), name.place);
    into.push(CatalogEntry {
        name: name.value.into(),
        owner: owner.map(|found| found.value.into()),
        applications,
        container: container.map(|found| found.value.into()),
        repository: repository.map(|found| found.value.into()),
    });
}

/// Environments in which findings may be critical, and what differs from the built-in rules.
pub fn rules(root: &Section<'_>, reader: &Reader<'_>) -> (Vec<Text>, BTreeMap<Rule, RuleSettings>) {
    let section = root.section("rules");
    let critical_in = match section.texts("critical_in") {
        Some(found) => found.value.into_iter().map(|name| name.value.into()).collect(),
        None => vec!["production".into()],
    };
    let mut rules = BTreeMap::new();
    // Every rule is read, also one that only a variable changes.
    for rule in Rule::ALL {
        let section = section.named(rule.as_str());
        let settings = RuleSettings {
            after: section.duration("after").map(|found| found.value),
            severity: section.word("severity").and_then(|found| Severity::parse(&found.value)),
            off: section.switch("off"),
        };
        if settings != RuleSettings::default() {
            rules.insert(*rule, settings);
        }
    }
    for table in section.tables() {
        unknown::rule(reader, &table.value, table.place);
    }
    (critical_in, rules)
}
