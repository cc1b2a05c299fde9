//! Branches beside pull requests: the head of what images are built from, and what Image Updater commits to.

use std::{collections::BTreeMap, sync::Arc};

use landfall_model::{
    Text,
    index::branch,
    observe::{self, Body},
    settings::{ForgeSettings, Settings},
    words::{ForgeKind, Kind},
};

use super::{
    Looker,
    cycle::{ends_cycle, of_repository},
};
use crate::source::{
    forge::{Failure, Forge},
    report::End,
};

/// Names of branches by the repository's path.
pub(super) type Branches = BTreeMap<String, Vec<Text>>;

impl<F: Forge> Looker<F> {
    /// Branches of this forge that the view names.
    pub(super) fn branches(&self) -> Branches {
        let Some(kind) = ForgeKind::parse(&self.config.kind) else { return Branches::new() };
        let own = ForgeSettings {
            name: self.config.name.as_str().into(),
            kind,
            url: self.config.url.as_str().into(),
            interval: jiff::SignedDuration::ZERO,
        };
        let settings = Settings { forges: vec![own], ..Settings::default() };
        let snapshot = self.polling.snapshot.borrow().clone();
        let mut by_path = Branches::new();
        for (place, name) in branch::wanted(&settings, &snapshot) {
            by_path.entry(place.path.to_string()).or_default().push(name);
        }
        by_path
    }

    /// Looks at each; one that cannot be read stays what it was. With little left none is looked at.
    pub(super) async fn look_at_branches(&mut self, wanted: &Branches, end: &mut End) -> Result<(), Failure> {
        let gone: Vec<String> =
            self.told_branches.iter().filter(|path| !wanted.contains_key(*path)).cloned().collect();
        for path in gone {
            self.reset(Kind::Branch, Some(&path), Vec::new()).await;
            self.told_branches.remove(&path);
        }
        for (path, names) in wanted {
            if self.forge.budget().is_low() {
                return Ok(());
            }
            match self.branches_of(path, names).await {
                Ok(told) => end.objects += told,
                Err(failure) if ends_cycle(&failure) => return Err(failure),
                Err(failure) => {
                    tracing::debug!(forge = self.config.name, path, %failure, "its branches cannot be read");
                    end.refused +=
                        u64::from(matches!(failure, Failure::Refused { .. } | Failure::NotFound(_)));
                    end.first.get_or_insert_with(|| of_repository(path, &failure.said()));
                }
            }
        }
        Ok(())
    }

    /// Looks at the branches of one repository and tells them; gives how many.
    pub(super) async fn branches_of(&mut self, path: &str, names: &[Text]) -> Result<u64, Failure> {
        let mut items = Vec::new();
        for name in names {
            let asked = Some(&**name).filter(|name| *name != observe::Branch::DEFAULT);
            let Some(found) = self.forge.branch(path, asked).await? else { continue };
            items.push(self.observed(Kind::Branch, path, name, Body::Branch(Arc::new(found))));
        }
        let told = items.len() as u64;
        self.told_branches.insert(path.to_owned());
        self.reset(Kind::Branch, Some(path), items).await;
        self.reporter.answered();
        Ok(told)
    }
}
