//! The company's forge: pull requests with what their preview workflow asks for, and the runs that build their images.
//!
//! The workflow: a label asks the generator for an Application, a comment `/preview` starts a run, the run pushes
//! `pr-NUMBER-COMMIT`.

use jiff::{SignedDuration, Timestamp};

use super::fleet::Fleet;
use super::unit::{REGISTRY, Unit};
use crate::clock::Clock;
use crate::forge::{Forge, Limits, RunEnd};

/// Services whose pull requests may have previews.
pub(crate) const SERVICES: [&str; 5] = ["billing", "control-panel", "dns-editor", "mypage", "signup"];
/// The label that asks for a preview.
pub(crate) const LABEL: &str = "preview";
const WORKFLOW: &str = "preview";

/// The forge, and whose pull requests it has.
#[derive(Debug)]
pub(crate) struct Pulls {
    pub forge: Forge,
}

/// A pull request of the story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub service: &'a str,
    pub number: u32,
    pub title: &'a str,
    pub author: &'a str,
}

/// Where a service's code is on the forge.
pub(crate) fn repository(service: &str) -> String {
    format!("hosting/{service}")
}

impl Pulls {
    pub fn new(clock: Clock) -> Self {
        let forge = Forge::new(clock);
        forge.limit(Limits { anonymous: 1_000_000, ..Limits::default() });
        Self { forge }
    }

    /// Opens one; gives its head.
    pub fn open(&self, at: Timestamp, of: Request<'_>) -> String {
        let branch = format!("{}-{}", of.title.split(' ').next().unwrap_or("work").to_lowercase(), of.number);
        let (repository, number) = (repository(of.service), u64::from(of.number));
        self.at(at, |forge| forge.open(&repository, number, of.title, of.author, &branch))
    }

    /// The author asks for a preview: by the comment that starts the run, and by the label.
    pub fn ask(&self, at: Timestamp, of: Request<'_>, label: bool) {
        let (repository, number) = (repository(of.service), u64::from(of.number));
        self.at(at, |forge| {
            if label {
                forge.label(&repository, number, LABEL, of.author);
            }
            forge.comment(&repository, number, of.author, "/preview");
        });
    }

    /// Another commit is pushed; gives it.
    pub fn push(&self, at: Timestamp, of: Request<'_>, message: &str) -> String {
        self.at(at, |forge| forge.push(&repository(of.service), u64::from(of.number), message))
    }

    /// A run that was queued at `at`, began some seconds later, and ended so many seconds after it was queued.
    pub fn run(&self, at: Timestamp, of: Request<'_>, end: Option<(i64, RunEnd)>) {
        let (repository, number) = (repository(of.service), u64::from(of.number));
        let later = |seconds: i64| at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at);
        let id = self.at(at, |forge| forge.queue_run(&repository, number, WORKFLOW));
        self.at(later(6), |forge| forge.start_run(&repository, id));
        if let Some((seconds, end)) = end {
            self.at(later(seconds), |forge| forge.end_run(&repository, id, end));
        }
    }

    /// Closes it, or merges it.
    pub fn close(&self, at: Timestamp, service: &str, number: u32, merged: bool) {
        self.at(at, |forge| forge.close(&repository(service), u64::from(number), merged));
    }

    fn at<T>(&self, at: Timestamp, what: impl FnOnce(&Forge) -> T) -> T {
        self.forge.tell(Some(at));
        let done = what(&self.forge);
        self.forge.tell(None);
        done
    }
}

/// The image that the workflow pushes for a commit.
pub(crate) fn image(team: &str, service: &str, number: u32, head: &str) -> String {
    format!("{REGISTRY}/{team}/{service}:pr-{number}-{}", &head[..head.len().min(7)])
}

/// The pull request's number, of a unit that is a preview.
fn number(unit: &Unit) -> Option<u32> {
    unit.environment.strip_prefix("pr-")?.parse().ok()
}

impl Fleet {
    /// The author labels a pull request and asks for a run; half a minute later its preview is there.
    pub(super) fn ask_for_preview(&mut self, at: usize) {
        let (service, Some(number)) = (self.units[at].service.clone(), number(&self.units[at])) else {
            return;
        };
        let of = Request { service: &service, number, title: "", author: "y.tanaka" };
        self.pulls.ask(self.now, of, true);
        self.pulls.run(self.now, of, Some((20, RunEnd::Success)));
        self.after(20, super::step::Step::PushPreview(at));
        self.after(28, super::step::Step::Act(at, super::action::Action::Create));
    }

    /// The run of a preview pushes its image.
    pub(super) fn push_preview(&mut self, at: usize) {
        let image = self.units[at].meant.clone();
        self.images.built(self.now, &image);
    }

    /// A pull request is closed or merged; the generator lets its preview go some seconds later.
    pub(super) fn close_pull(&mut self, at: usize, merged: bool) {
        let (service, Some(number)) = (self.units[at].service.clone(), number(&self.units[at])) else {
            return;
        };
        self.pulls.close(self.now, &service, number, merged);
        if self.units[at].exists {
            self.after(12, super::step::Step::Act(at, super::action::Action::Delete));
        }
    }
}
