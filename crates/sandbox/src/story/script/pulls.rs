//! Pull requests of the two weeks, and those that hang when the story starts: one in each step.

use super::{Script, preview};
use crate::forge::RunEnd;
use crate::story::action::Action;
use crate::story::pulls::{Request, image};
use crate::story::step::Step;
use crate::story::unit::Flaw;

/// Service, team, number, title, author, minutes ago that its preview was made and that it was closed.
type Past = (&'static str, &'static str, u32, &'static str, &'static str, f64, Option<f64>);

const PAST: &[Past] = &[
    ("control-panel", "accounts", 471, "Ask before a plan is changed", "m.sato", 7_200.0, None),
    ("control-panel", "accounts", 479, "Show the plan beside the name", "h.ito", 190.0, None),
    ("control-panel", "accounts", 482, "Show the quota left", "y.tanaka", 95.0, None),
    ("signup", "accounts", 310, "Check the domain while it is typed", "k.mori", 2_900.0, None),
    ("signup", "accounts", 316, "One page instead of three", "m.sato", 640.0, None),
    ("mypage", "accounts", 205, "Invoices by year", "h.ito", 5_000.0, Some(1_500.0)),
    ("mypage", "accounts", 211, "Dark colours", "y.tanaka", 420.0, None),
    ("dns-editor", "domains", 98, "Warn of a missing dot", "n.abe", 300.0, None),
    ("billing", "billing", 122, "Round half to even", "k.mori", 8_400.0, Some(4_000.0)),
    ("billing", "billing", 127, "Dunning in two languages", "n.abe", 1_300.0, None),
];

/// Previews that hang and go on hanging: nothing happens to them by itself.
pub(crate) const HANGING: &[&str] = &["pr-131", "pr-322", "pr-325", "pr-488", "pr-490"];

impl Script {
    pub(super) fn previews(&mut self) {
        for &(service, team, number, title, author, made, closed) in PAST {
            let of = Request { service, number, title, author };
            let head = self.fleet.pulls.open(self.minutes_ago(made + 24.0), of);
            self.fleet.pulls.ask(self.minutes_ago(made + 3.0), of, true);
            self.fleet.pulls.run(self.minutes_ago(made + 3.0), of, Some((160, RunEnd::Success)));
            let unit = preview(of, team, &head, self.fleet.now);
            let at = self.add(unit);
            self.fleet.schedule(self.minutes_ago(made), Step::Act(at, Action::Create));
            if let Some(closed) = closed {
                self.fleet.pulls.close(self.minutes_ago(closed + 0.2), service, number, true);
                self.fleet.schedule(self.minutes_ago(closed), Step::Act(at, Action::Delete));
            }
        }
        self.hanging();
    }

    /// One that hangs in each step, and one that waits for whoever looks to label it.
    fn hanging(&mut self) {
        let of = |service, number, title, author| Request { service, number, title, author };

        // Labelled: asked for in a comment, and the label was forgotten.
        let forgotten = of("mypage", 214, "Sort contracts by name", "h.ito");
        self.fleet.pulls.open(self.minutes_ago(52.0), forgotten);
        self.fleet.pulls.ask(self.minutes_ago(50.0), forgotten, false);

        // Application created: the generator has not made it.
        let unmade = of("dns-editor", 104, "Templates for mail records", "n.abe");
        self.fleet.pulls.open(self.minutes_ago(70.0), unmade);
        self.fleet.pulls.ask(self.minutes_ago(48.0), unmade, true);
        self.fleet.pulls.run(self.minutes_ago(48.0), unmade, Some((150, RunEnd::Success)));

        // Image pushed: the run of the newest commit failed.
        let unbuilt = of("signup", 322, "Accept longer host names", "k.mori");
        self.hang(unbuilt, "accounts", 74.0, None, Action::Create);
        self.fleet.pulls.push(self.minutes_ago(31.0), unbuilt, "Count characters, not bytes");
        let failed = RunEnd::Failure("build".to_owned());
        self.fleet.pulls.run(self.minutes_ago(31.0), unbuilt, Some((95, failed)));

        // Picked: a new commit is built and pushed, and the Application still asks for the one before.
        let behind = of("billing", 131, "Show open invoices first", "n.abe");
        self.hang(behind, "billing", 58.0, None, Action::Create);
        let head = self.fleet.pulls.push(self.minutes_ago(26.0), behind, "Count what is overdue");
        self.fleet.pulls.run(self.minutes_ago(26.0), behind, Some((140, RunEnd::Success)));
        let newer = image("billing", behind.service, behind.number, &head);
        self.fleet.images.built(self.minutes_ago(23.6), &newer);

        // Synced: the manifests are refused.
        let refused = of("control-panel", 488, "Move the menu to the left", "m.sato");
        let message = "error when creating \"/dev/shm/1712280482\": admission webhook \"limits.hosting.example\" denied the \
                       request: memory limit of container app is missing";
        let create = Action::CreateFailing { message: message.to_owned() };
        self.hang(refused, "accounts", 39.0, None, create);

        // Healthy: it crashes.
        let crashing = of("signup", 325, "Read prices from the catalogue", "y.tanaka");
        let crash = Flaw::Crash("KeyError: 'PRICES_URL'".to_owned());
        self.hang(crashing, "accounts", 35.0, Some(crash), Action::Create);

        // Nobody asked for a preview yet: `label` and `close` play it from the beginning to the end.
        let unasked = of("control-panel", 490, "Tell when a backup was made", "y.tanaka");
        let head = self.fleet.pulls.open(self.minutes_ago(20.0), unasked);
        let unit = preview(unasked, "accounts", &head, self.fleet.now);
        self.add(unit);
    }

    /// A pull request whose preview was asked for and built some minutes ago.
    fn hang(&mut self, of: Request<'_>, team: &str, minutes: f64, flaw: Option<Flaw>, create: Action) {
        let head = self.fleet.pulls.open(self.minutes_ago(minutes + 18.0), of);
        self.fleet.pulls.ask(self.minutes_ago(minutes + 3.0), of, true);
        self.fleet.pulls.run(self.minutes_ago(minutes + 3.0), of, Some((140, RunEnd::Success)));
        let mut unit = preview(of, team, &head, self.fleet.now);
        unit.flaw = flaw;
        let at = self.add(unit);
        self.fleet.schedule(self.minutes_ago(minutes), Step::Act(at, create));
    }
}
