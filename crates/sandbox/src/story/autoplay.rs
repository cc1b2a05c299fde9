//! What happens by itself while the demo runs: something every half minute, and Argo CD's refreshes.

use jiff::{SignedDuration, Timestamp};

use super::Story;
use super::action::Action;
use super::pulls::Request;
use super::script::{HANGING, preview};
use super::step::Step;
use super::unit::tag_at;

/// What pull requests are called that come by themselves.
const TITLES: [(&str, &str); 6] = [
    ("Keep the filter when going back", "h.ito"),
    ("Show times in the reader's zone", "y.tanaka"),
    ("Load the list in parts", "m.sato"),
    ("Name the field that is wrong", "k.mori"),
    ("Remember the last page", "n.abe"),
    ("Say why a button is off", "h.ito"),
];

/// Each Application is compared about so often.
const REFRESH_S: i64 = 180;

impl Story {
    /// Plays everything that is due, the story's own ideas included.
    pub fn play(&mut self, until: Timestamp) {
        while self.autoplay {
            let next = self.next_act.min(self.next_refresh);
            if next > until {
                break;
            }
            self.fleet.play(next);
            if self.next_refresh <= self.next_act {
                self.refresh();
            } else {
                self.act_by_itself();
                let pause = self.random.i64(20..40);
                self.next_act =
                    next.saturating_add(SignedDuration::from_secs(pause)).unwrap_or(Timestamp::MAX);
            }
        }
        self.fleet.play(until);
    }

    /// Begins anew from now.
    pub fn resume(&mut self, now: Timestamp) {
        self.next_act = now.saturating_add(SignedDuration::from_secs(15)).unwrap_or(now);
        self.next_refresh = now;
    }

    fn refresh(&mut self) {
        let count = self.fleet.units.len().max(1);
        self.refreshed = (self.refreshed + 1) % count;
        let at = self.refreshed;
        if !self.fleet.units[at].busy {
            self.fleet.run(Step::Refresh(at));
        }
        let millis = REFRESH_S * 1_000 / i64::try_from(count).unwrap_or(1);
        let pause = SignedDuration::from_millis(millis.max(50));
        self.next_refresh = self.next_refresh.saturating_add(pause).unwrap_or(Timestamp::MAX);
    }

    /// A unit to which something may happen.
    fn pick(&mut self, environment: &str) -> Option<usize> {
        let idle: Vec<usize> = (0..self.fleet.units.len())
            .filter(|&at| {
                let unit = &self.fleet.units[at];
                let fits = if environment == "preview" {
                    unit.environment.starts_with("pr-") && !HANGING.contains(&unit.environment.as_str())
                } else {
                    unit.environment == environment && unit.work.replicas > 0
                };
                fits && unit.exists
                    && unit.has_workload
                    && !unit.busy
                    && !unit.held
                    && unit.app.deleted.is_none()
            })
            .collect();
        self.random.choice(idle)
    }

    fn act_by_itself(&mut self) {
        let now = self.fleet.now;
        let roll = self.random.u8(0..100);
        match roll {
            0..30 => self.deploy_somewhere("staging", now),
            30..55 => self.deploy_somewhere("production", now),
            55..67 => {
                let environment = if self.random.bool() { "production" } else { "staging" };
                if let Some(at) = self.pick(environment) {
                    let seconds = self.random.i64(30..90);
                    self.fleet.act(at, Action::CrashPod { seconds });
                }
            }
            67..75 => {
                if let Some(at) = self.pick("production") {
                    self.fleet.act(at, Action::Drift { tag: None });
                    self.mend_later(at, 3, Action::Sync);
                }
            }
            75..83 => {
                if let Some(at) = self.pick("staging") {
                    let message = "error when patching \"/dev/shm/616545225\": Deployment.apps is invalid: spec.replicas: \
                                   Invalid value: -1: must be greater than or equal to 0";
                    self.fleet.act(at, Action::FailSync { message: message.to_owned() });
                }
            }
            83..88 => {
                if let Some(at) = self.pick("production") {
                    self.fleet.act(at, Action::Rollback);
                    self.mend_later(at, 4, Action::AutoSync { on: true });
                }
            }
            88..95 => self.open_preview(),
            _ => {
                if let Some(at) = self.pick("preview") {
                    self.fleet.act(at, Action::Close { merged: true });
                }
            }
        }
    }

    fn mend_later(&mut self, at: usize, acts: i64, action: Action) {
        self.fleet.after(acts * 30, Step::Act(at, action));
    }

    fn deploy_somewhere(&mut self, environment: &str, now: Timestamp) {
        if let Some(at) = self.pick(environment) {
            let tag = tag_at(now);
            // Of what Image Updater deploys, a release is a push.
            let action = if self.fleet.is_watched(at) {
                Action::Push { tag, like: None, created: None }
            } else {
                Action::Deploy { tag }
            };
            self.fleet.act(at, action);
        }
    }

    fn open_preview(&mut self) {
        let services = [
            ("control-panel", "accounts"),
            ("signup", "accounts"),
            ("mypage", "accounts"),
            ("dns-editor", "domains"),
        ];
        let Some((service, team)) = self.random.choice(services) else { return };
        self.next_pull += 1;
        let now = self.fleet.now;
        let (title, author) = self.random.choice(TITLES).unwrap_or(("Mend a word", "m.sato"));
        let of = Request { service, number: self.next_pull, title, author };
        let head = self.fleet.pulls.open(now, of);
        let unit = preview(of, team, &head, now);
        let at = self.fleet.units.len();
        self.index.insert((unit.service.clone(), unit.environment.clone()), at);
        self.fleet.units.push(unit);
        self.fleet.after(15, Step::Act(at, Action::Label));
    }
}
