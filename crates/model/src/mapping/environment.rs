//! Which environment an Application is.

use super::{Asked, Mapper, known, preview};
use crate::{phrase::Said, said, text::Text};

/// An environment without any name.
pub(super) const NONE: &str = "-";

/// Labels that name an environment, the most particular first.
const LABELS: [&str; 4] = ["landfall.dev/environment", "environment", "env", "app.kubernetes.io/environment"];

/// An environment and how it was found.
pub(super) struct Found {
    pub name: Text,
    pub preview: bool,
    pub by: Said,
}

impl Mapper {
    pub(super) fn environment(&self, asked: &Asked<'_>) -> Found {
        if let Some(found) = pull_request(asked) {
            return found;
        }
        let spellings = asked.spellings();
        if let Some(at) = self.rules.iter().position(|rule| rule.fits(asked, &spellings)) {
            let rule = &self.settings.environments[at];
            let by = said!("mapped-by-rule", "rule {n} ({name})", n = at + 1, name = rule.name);
            return match preview::number(asked).filter(|_| rule.preview) {
                Some(number) => Found { name: format!("pr-{number}").into(), preview: true, by },
                None => Found { name: Text::clone(&rule.name), preview: rule.preview, by },
            };
        }
        self.discovered(asked)
    }

    fn discovered(&self, asked: &Asked<'_>) -> Found {
        let found = |name: &str, by: Said| Found { name: self.environment_name(name), preview: false, by };
        for key in LABELS {
            if let Some(value) = asked.label(key) {
                return found(known::canonical(value).unwrap_or(value), by_label(key));
            }
        }
        if let Some(namespace) = asked.namespace()
            && let Some(name) = known::canonical(namespace).or_else(|| Some(known::split(namespace)?.0))
        {
            return found(name, said!("mapped-by-namespace", "namespace {namespace}", namespace = namespace));
        }
        if let Some((name, _)) = known::split(&asked.name.name) {
            return found(name, said!("mapped-by-name", "Application name"));
        }
        if let Some(cluster) = asked.cluster
            && let Some(name) = known::canonical(cluster).or_else(|| Some(known::split(cluster)?.0))
        {
            return found(name, said!("mapped-by-cluster", "cluster {cluster}", cluster = cluster));
        }
        match asked.namespace() {
            Some(namespace) => {
                found(namespace, said!("mapped-to-namespace", "no rule fits, the namespace as it is"))
            }
            None => found(NONE, said!("mapped-to-none", "no rule fits, and there is no namespace")),
        }
    }

    /// The rule's own text for a name that a rule has, so that equal names share their storage.
    fn environment_name(&self, name: &str) -> Text {
        let rule = self.settings.environments.iter().find(|rule| *rule.name == *name);
        rule.map_or_else(|| Text::from(name), |rule| Text::clone(&rule.name))
    }
}

/// Found by a label.
pub(super) fn by_label(key: &str) -> Said {
    said!("mapped-by-label", "label {key}", key = key)
}

/// A pull request's environment, whatever cluster and namespace it is in.
fn pull_request(asked: &Asked<'_>) -> Option<Found> {
    let by = if let Some(key) = preview::is_labelled(asked) {
        by_label(key)
    } else if asked.previews.is_some() {
        let set = asked.app.owner_set.as_deref().unwrap_or_default();
        said!("mapped-by-generator", "pull request generator of ApplicationSet {set}", set = set)
    } else {
        return None;
    };
    let name = match preview::number(asked) {
        Some(number) => format!("pr-{number}").into(),
        None => Text::clone(&asked.name.name),
    };
    Some(Found { name, preview: true, by })
}
