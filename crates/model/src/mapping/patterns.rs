//! Patterns of the configuration, compiled; those that do not compile are all told, each with its place.

use std::fmt;

use globset::{Glob, GlobMatcher, GlobSetBuilder};

use super::{Asked, Mapper};
use crate::{
    settings::{EnvironmentRule, Settings},
    text::Text,
};

/// A pattern that does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: the pattern {pattern:?} is not valid: {why}")]
pub struct PatternError {
    /// Where it stands: `environment[2].namespace`, `catalog[0].applications[1]`, counted from 0.
    pub key: String,
    pub pattern: Text,
    pub why: String,
}

/// Every pattern that does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapperError(pub Vec<PatternError>);

impl std::error::Error for MapperError {}

impl fmt::Display for MapperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// An environment rule, ready to be asked.
#[derive(Debug)]
pub(super) struct Rule {
    cluster: Option<GlobMatcher>,
    namespace: Option<GlobMatcher>,
    label: Option<(Text, GlobMatcher)>,
    application: Option<GlobMatcher>,
}

impl Rule {
    /// Whether all its patterns fit. One that has none fits everything.
    pub fn fits(&self, asked: &Asked<'_>, spellings: &[String]) -> bool {
        let is = |pattern: &Option<GlobMatcher>, value: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| value.is_some_and(|value| pattern.is_match(value)))
        };
        is(&self.cluster, asked.cluster)
            && is(&self.namespace, asked.namespace())
            && self
                .label
                .as_ref()
                .is_none_or(|(key, pattern)| asked.label(key).is_some_and(|value| pattern.is_match(value)))
            && self.application.as_ref().is_none_or(|pattern| spellings.iter().any(|s| pattern.is_match(s)))
    }
}

#[derive(Default)]
struct Compiler {
    errors: Vec<PatternError>,
}

impl Compiler {
    fn glob(&mut self, pattern: &Text, key: impl FnOnce() -> String) -> Option<Glob> {
        match Glob::new(pattern) {
            Ok(glob) => Some(glob),
            Err(error) => {
                let why = error.kind().to_string();
                self.errors.push(PatternError { key: key(), pattern: Text::clone(pattern), why });
                None
            }
        }
    }

    fn matcher(&mut self, pattern: Option<&Text>, at: usize, key: &str) -> Option<GlobMatcher> {
        let glob = self.glob(pattern?, || format!("environment[{at}].{key}"))?;
        Some(glob.compile_matcher())
    }

    fn rule(&mut self, at: usize, rule: &EnvironmentRule) -> Rule {
        Rule {
            cluster: self.matcher(rule.cluster.as_ref(), at, "cluster"),
            namespace: self.matcher(rule.namespace.as_ref(), at, "namespace"),
            label: rule.label.as_ref().and_then(|(key, pattern)| {
                Some((Text::clone(key), self.matcher(Some(pattern), at, "label")?))
            }),
            application: self.matcher(rule.application.as_ref(), at, "application"),
        }
    }
}

pub(super) fn compile(settings: &Settings) -> Result<Mapper, MapperError> {
    let mut compiler = Compiler::default();
    let rules = settings.environments.iter().enumerate().map(|(at, rule)| compiler.rule(at, rule)).collect();
    let mut catalog = GlobSetBuilder::new();
    let mut catalog_entries = Vec::new();
    for (at, entry) in settings.catalog.iter().enumerate() {
        for (number, pattern) in entry.applications.iter().enumerate() {
            if let Some(glob) = compiler.glob(pattern, || format!("catalog[{at}].applications[{number}]")) {
                catalog.add(glob);
                catalog_entries.push(at);
            }
        }
    }
    let catalog = catalog.build().map_err(|error| {
        let why = error.kind().to_string();
        MapperError(vec![PatternError { key: "catalog".to_owned(), pattern: Text::default(), why }])
    })?;
    if !compiler.errors.is_empty() {
        return Err(MapperError(compiler.errors));
    }
    let names = settings.catalog.iter().enumerate().rev();
    Ok(Mapper {
        rules,
        catalog,
        catalog_entries,
        catalog_names: names.map(|(at, entry)| (Text::clone(&entry.name), at)).collect(),
        settings: settings.clone(),
    })
}
