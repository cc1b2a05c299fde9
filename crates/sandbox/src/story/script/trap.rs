//! Image Updater, installed six hours before the start, and what it does with four services: one it serves well, one it
//! keeps on a bad release for ever, one whose new images it does not see, and one whose dates are all the same.

use super::{PROD, STG, Script, TIMELESS};
use crate::story::action::Action;
use crate::story::step::Step;
use crate::story::unit::tag_at;
use crate::story::updater::{Looking, Policy, Watched};

/// Trapped: its bad release is reverted, and the build of that is bit by bit the one before.
const TRAPPED: &str = "tax-rates";
/// Filtered out: `allowTags` lacks its `regexp:`.
const FILTERED: &str = "satisfaction";
/// Served well.
const WELL: [&str; 2] = ["expense-bot", "remote-hands"];
/// Minutes before the start at which Image Updater was installed.
const INSTALLED: f64 = 360.0;

impl Script {
    pub(super) fn image_updater(&mut self) {
        let pattern = "^[0-9]{8}-[0-9]{6}$".to_owned();
        let plans = [
            (PROD, "production", TRAPPED, Policy::NewestBuild, None),
            (PROD, "production", FILTERED, Policy::Alphabetical, Some(pattern)),
            (PROD, "production", TIMELESS, Policy::NewestBuild, None),
            (PROD, "production", WELL[0], Policy::NewestBuild, None),
            (PROD, "production", WELL[1], Policy::Alphabetical, None),
            (STG, "staging", TRAPPED, Policy::NewestBuild, None),
        ];
        let installed = self.minutes_ago(INSTALLED);
        for (nth, (argo, name)) in [(PROD, "releases"), (STG, "releases")].into_iter().enumerate() {
            let here = plans.iter().filter(|plan| plan.0 == argo);
            let watched = here.filter_map(|(_, environment, service, policy, allow)| {
                let key = ((*service).to_owned(), (*environment).to_owned());
                Some(Watched { unit: *self.index.get(&key)?, policy: *policy, allow: allow.clone() })
            });
            let looking = Looking::new(argo, name, installed, watched.collect());
            self.fleet.updaters.push(looking);
            self.fleet.schedule(installed, Step::Look(nth));
        }
        for service in [TRAPPED, FILTERED, TIMELESS] {
            for environment in ["production", "staging"] {
                if let Some(unit) = self.unit(service, environment) {
                    unit.held = true;
                }
            }
        }
        self.revert();
        let push = |script: &mut Self, service: &str, minutes: f64, tag: String| {
            script.act(service, "production", minutes, Action::Push { tag, like: None, created: None });
        };
        let tag = tag_at(self.minutes_ago(241.0));
        push(self, FILTERED, 236.0, tag);
        push(self, TIMELESS, 205.0, "0c4d1e9".to_owned());
    }

    /// A runs for two days. B is pushed, and Image Updater rolls it out. Two hours later the commit is reverted: the build is
    /// A again, bit by bit, and the tag that it gets does not help it, for it carries A's date.
    fn revert(&mut self) {
        let built = |script: &Self, minutes: f64| tag_at(script.minutes_ago(minutes));
        let (a, b, again) = (built(self, 3_030.0), built(self, 312.0), built(self, 187.0));
        for environment in ["production", "staging"] {
            let tag = a.clone();
            self.act(TRAPPED, environment, 3_012.0, Action::Deploy { tag });
        }
        let push = |tag: String, like: Option<String>| Action::Push { tag, like, created: None };
        self.act(TRAPPED, "staging", 309.0, push(b, None));
        self.act(TRAPPED, "staging", 184.0, push(again, Some(a)));
    }
}
