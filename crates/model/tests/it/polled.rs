//! Sources that are asked again and again: registries.

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text,
    index::{Index, PollReport, Stored},
    mapping::Mapper,
    phrase::Said,
    settings::{RegistrySettings, Settings},
    view::{BudgetView, SourceView},
    words::{Rule, SourceState},
};

use crate::world::{after, start, text};

const REGISTRY: &str = "registry/registry.example";

fn index() -> Index {
    let settings = Settings {
        registries: vec![RegistrySettings { host: text("registry.example"), ..RegistrySettings::default() }],
        stale_after: [(text(REGISTRY), SignedDuration::from_mins(6))].into(),
        ..crate::world::settings()
    };
    let mapper = Mapper::new(&settings).expect("settings without patterns");
    Index::new(settings, mapper)
}

fn report(state: SourceState, success_at: Option<Timestamp>, blocked_until: Option<Timestamp>) -> PollReport {
    PollReport {
        source: text(REGISTRY),
        state,
        success_at,
        error: (state != SourceState::Ok).then(|| Said::from("too many requests (429)")),
        objects: 3,
        unreadable: 1,
        budget: Some(BudgetView {
            per_minute: 300,
            left: 50,
            blocked_until,
            blocked_by: blocked_until.map(|_| text("too many requests (429)")),
            blocked_by_phrase: None,
            limit: None,
            remaining: None,
            resets_at: None,
        }),
    }
}

fn seen(index: &mut Index, at: Timestamp) -> SourceView {
    (*index.advance(at).snapshot.sources[REGISTRY]).clone()
}

#[test]
fn what_a_registry_says_is_shown_and_grows_old() {
    let mut index = index();
    assert_eq!(seen(&mut index, start()).state, SourceState::Starting, "shown before it says anything");
    index.polled(report(SourceState::Ok, Some(start()), None));
    let view = seen(&mut index, start());
    assert_eq!((view.state, view.objects, view.unreadable, view.error), (SourceState::Ok, 3, 1, None));
    assert_eq!((view.budget.map(|budget| budget.left), view.last_success), (Some(50), Some(start())));
    assert_eq!(seen(&mut index, after(359)).state, SourceState::Ok);
    assert_eq!(seen(&mut index, after(360)).state, SourceState::Stale, "after its own time");
    index.polled(report(SourceState::Failing, None, Some(after(900))));
    let step = index.advance(after(400));
    let view = &step.snapshot.sources[REGISTRY];
    assert_eq!(
        (view.state, view.last_success),
        (SourceState::Failing, Some(start())),
        "its last word stands"
    );
    let found: Vec<Rule> = step.snapshot.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, [Rule::SourceStale]);
    // What nobody configured is not taken in.
    index
        .polled(PollReport { source: text("registry/other.example"), ..report(SourceState::Ok, None, None) });
    assert!(
        index
            .advance(after(401))
            .snapshot
            .sources
            .get("registry/other.example")
            .is_none_or(|s| s.budget.is_none())
    );
}

#[test]
fn a_registry_that_lets_nothing_be_read_is_a_finding() {
    let mut index = index();
    index.polled(report(SourceState::Forbidden, Some(start()), None));
    let rules = |index: &mut Index, at| {
        index.advance(at).snapshot.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&mut index, after(1)), [] as [Rule; 0], "one refusal is no verdict");
    assert_eq!(rules(&mut index, after(31)), [Rule::NoPermission]);
    index.polled(report(SourceState::Ok, Some(after(40)), None));
    assert_eq!(rules(&mut index, after(41)), [] as [Rule; 0]);
}

#[test]
fn a_forge_that_lets_nothing_be_read_is_told_what_it_needs() {
    let mut index = index();
    let refused = PollReport { source: text("forge/github"), ..report(SourceState::Forbidden, None, None) };
    index.polled(refused);
    index.advance(start());
    let snapshot = index.advance(after(31)).snapshot;
    let found = snapshot.findings.iter().find(|found| found.rule == Rule::NoPermission).expect("a finding");
    assert!(found.way_out.contains("in this [[forge]]"), "{}", found.way_out);
}

#[test]
fn only_what_matters_is_written() {
    let mut index = index();
    index.polled(report(SourceState::Ok, Some(start()), None));
    let written = |index: &mut Index, at| {
        let step = index.advance(at);
        (step.store.sources.iter().filter(|view| &*view.name == REGISTRY).count(), step.transitions.len())
    };
    assert_eq!(written(&mut index, start()).0, 1);
    let mut less = report(SourceState::Ok, Some(after(10)), None);
    less.budget.as_mut().expect("a budget").left = 10;
    index.polled(less);
    assert_eq!(written(&mut index, after(10)), (0, 0), "how many are left changes with each request");
    index.polled(report(SourceState::Ok, Some(after(20)), Some(after(900))));
    assert_eq!(
        written(&mut index, after(20)),
        (1, 0),
        "that it is left alone, and until when, is known to others"
    );
}

#[test]
fn a_restart_and_a_follower_know_until_when_it_is_left_alone() {
    let mut index = index();
    index.polled(report(SourceState::Failing, Some(start()), Some(after(900))));
    let view = seen(&mut index, after(1));
    let until = |view: &SourceView| view.budget.as_ref().and_then(|budget| budget.blocked_until);

    let mut again = self::index();
    again.restore(Stored { sources: vec![view.clone()], ..Stored::default() });
    let restored = seen(&mut again, after(2));
    assert_eq!((restored.state, until(&restored)), (SourceState::Starting, Some(after(900))));
    assert_eq!(restored.last_success, Some(start()));

    let mut second = self::index();
    second.follow_source(view.clone());
    let followed = seen(&mut second, after(2));
    assert_eq!(
        (followed.state, until(&followed), followed.error.clone()),
        (view.state, Some(after(900)), view.error)
    );

    // One that is no longer configured is forgotten.
    let settings = Settings { registries: Vec::new(), ..crate::world::settings() };
    let mapper = Mapper::new(&settings).expect("settings without patterns");
    let mut other = Index::new(settings, mapper);
    other.restore(Stored { sources: vec![followed], ..Stored::default() });
    assert!(!other.advance(after(3)).snapshot.sources.contains_key(&Text::from(REGISTRY)));
}

#[test]
fn a_forge_that_soon_answers_no_more_is_told() {
    let mut index = index();
    let budget = |remaining: u32| BudgetView {
        limit: Some(5_000),
        remaining: Some(remaining),
        resets_at: Some(after(3_600)),
        ..report(SourceState::Ok, None, None).budget.expect("a budget")
    };
    let say = |index: &mut Index, remaining: u32, seconds: i64| {
        index.polled(PollReport {
            source: text(crate::world::FORGE),
            unreadable: 0,
            budget: Some(budget(remaining)),
            ..report(SourceState::Ok, Some(after(seconds)), None)
        });
        let found = index.advance(after(seconds)).snapshot.findings.clone();
        found.into_iter().find(|found| found.rule == Rule::ForgeBudgetLow)
    };
    assert_eq!(say(&mut index, 501, 0), None);
    assert_eq!(say(&mut index, 500, 10), None, "its grace runs");
    assert_eq!(say(&mut index, 490, 129), None);
    let found = say(&mut index, 400, 131).expect("it opens");
    assert!(found.summary.contains("of 5000 requests"), "{}", found.summary);
    assert_eq!(say(&mut index, 5_000, 200), None, "the window began anew");
    // A registry's own budget is none of a forge.
    index.polled(PollReport { budget: Some(budget(1)), ..report(SourceState::Ok, Some(after(200)), None) });
    index.advance(after(200));
    assert!(index.advance(after(900)).snapshot.findings.iter().all(|it| it.rule != Rule::ForgeBudgetLow));
}
