//! Which service an Application belongs to.

use super::{Asked, Mapper, environment, known, preview};
use crate::{phrase::Said, said, text::Text};

/// Labels that name a service, the most particular first.
const LABELS: [&str; 4] = ["landfall.dev/service", "app.kubernetes.io/name", "service", "app"];

/// Labels of last resort. A parent's label tracking writes `instance` on each child Application, and `part-of` often
/// names a whole product: before the name they would throw many services into one.
const WIDE_LABELS: [&str; 2] = ["app.kubernetes.io/part-of", "app.kubernetes.io/instance"];

/// A service and how it was found.
pub(super) struct Found {
    pub name: Text,
    pub by: Said,
    pub assigned: bool,
    /// Entry of the catalogue.
    pub entry: Option<usize>,
}

impl Mapper {
    pub(super) fn service(&self, asked: &Asked<'_>, environment: &environment::Found) -> Found {
        if let Some(at) = self.catalogued(asked) {
            let name = Text::clone(&self.settings.catalog[at].name);
            return Found {
                name,
                by: said!("mapped-by-catalogue", "catalogue"),
                assigned: true,
                entry: Some(at),
            };
        }
        let discovered = discover(asked, environment);
        let (name, by) = discovered.map_or((&*asked.name.name, None), |(name, by)| (name, Some(by)));
        if let Some(at) = self.catalog_names.get(name).copied() {
            let by = match by {
                None => said!("mapped-by-catalogue-name", "catalogue, by name"),
                Some(by) => said!("mapped-by-catalogue-as", "catalogue, by {by}", by = by),
            };
            let name = Text::clone(&self.settings.catalog[at].name);
            return Found { name, by, assigned: true, entry: Some(at) };
        }
        let catalogued = !self.settings.catalog.is_empty();
        let (by, assigned) = match (by, catalogued) {
            (None, _) => {
                (said!("mapped-to-application", "no rule fits, the Application name as it is"), false)
            }
            (Some(by), true) => (said!("not-in-catalogue", "not in the catalogue, {by}", by = by), false),
            (Some(by), false) => (by, true),
        };
        Found { name: Text::from(name), by, assigned, entry: None }
    }

    /// The first entry of the catalogue that has a pattern for it.
    fn catalogued(&self, asked: &Asked<'_>) -> Option<usize> {
        if self.catalog.is_empty() {
            return None;
        }
        let patterns = asked.spellings().into_iter().flat_map(|spelling| self.catalog.matches(spelling));
        patterns.map(|pattern| self.catalog_entries[pattern]).min()
    }
}

fn discover<'a>(asked: &'a Asked<'_>, environment: &environment::Found) -> Option<(&'a str, Said)> {
    let by_label = |keys: &'static [&'static str]| {
        keys.iter().find_map(|key| Some((asked.label(key)?, environment::by_label(key))))
    };
    // `shop-pr` may well be the set that makes `shop-pr-7`: of a preview the name says more.
    let by_preview = || environment.preview.then(|| by_name(asked, environment)).flatten();
    by_label(&LABELS)
        .or_else(by_preview)
        .or_else(|| by_set(asked))
        .or_else(|| by_name(asked, environment))
        .or_else(|| by_label(&WIDE_LABELS))
}

/// The owning ApplicationSet, where the Application's name says that the set is about this one service.
fn by_set<'a>(asked: &'a Asked<'_>) -> Option<(&'a str, Said)> {
    let (set, name) = (asked.app.owner_set.as_deref()?, &*asked.name.name);
    let rest = name.strip_prefix(set).or_else(|| name.strip_suffix(set))?;
    let bounded = rest.is_empty() || rest.starts_with('-') || rest.ends_with('-');
    (bounded && !set.is_empty())
        .then(|| (set, said!("mapped-by-set", "ApplicationSet {set}, which the name holds", set = set)))
}

/// The Application's name without its environment.
fn by_name<'a>(asked: &'a Asked<'_>, environment: &environment::Found) -> Option<(&'a str, Said)> {
    let name = &*asked.name.name;
    if environment.preview {
        let (service, number) = preview::split(name)?;
        let by = said!(
            "mapped-by-name-without-pull",
            "Application name without pull request {number}",
            number = number,
        );
        return Some((service, by));
    }
    let own = name.strip_suffix(&*environment.name).and_then(|rest| rest.strip_suffix('-'));
    if let Some(service) = own.filter(|service| !service.is_empty()) {
        return Some((service, without(&format!("-{}", environment.name))));
    }
    let (_, service) = known::split(name)?;
    let affix = name.replacen(service, "", 1);
    Some((service, without(&affix)))
}

fn without(affix: &str) -> Said {
    said!("mapped-by-name-without", "Application name without {affix}", affix = affix)
}
