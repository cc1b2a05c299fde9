//! R1 to R11 of the trap detector, each on both sides.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text,
    image::{ImageFacts, PlatformFacts, SeenBy, Sighting},
    observe::{Body, Event, Operation},
    phrase::Said,
    said,
    updater::{
        settings::{ImageSettings, Origin, Program, Setting, effective},
        trap::{
            Cause, OrderSource, Push, Registry, Running, Situation, Sources, State, Updater, Verdict, Write,
            is_told_again, judge, writes,
        },
    },
    words::{Kind, Phase, SyncStatus},
};
use proptest::prelude::*;

use super::reduce::fixtures;

/// Minutes after the first list.
fn at(minute: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minute)
}

fn text(text: &str) -> Text {
    Text::from(text)
}

/// The story: `a1f3` is A and was there before the first look, `b7c2` is B and runs.
#[derive(Clone)]
struct World {
    now: Timestamp,
    settings: Option<ImageSettings>,
    tried: Vec<(Text, Said)>,
    live: bool,
    sightings: Vec<Sighting>,
    facts: BTreeMap<Text, ImageFacts>,
    pushes: Vec<Push>,
    head: Option<String>,
    running: Vec<Running>,
    meant: Option<String>,
    checked: Option<Timestamp>,
    error: Option<String>,
    started: Option<Timestamp>,
    listed: Timestamp,
    unreadable: Option<Said>,
    writes: Vec<Write>,
    sync: SyncStatus,
    operation: Option<Operation>,
    trouble: Option<String>,
}

fn setting<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Image }
}

fn settings(strategy: &str) -> ImageSettings {
    ImageSettings {
        alias: text("web"),
        repository: text("registry.example/shop/web"),
        constraint: text(""),
        strategy: setting(text(strategy)),
        force_update: setting(false),
        allow_tags: setting(text("")),
        ignore_tags: setting(Vec::new()),
        platforms: setting(vec![text("linux/amd64")]),
        pull_secret: setting(None),
        verified: setting(false),
        target: landfall_model::observe::ManifestTarget::default(),
        shadowed: Vec::new(),
    }
}

impl World {
    fn new(strategy: &str) -> Self {
        let mut world = Self {
            now: at(400),
            settings: Some(settings(strategy)),
            tried: Vec::new(),
            live: true,
            sightings: Vec::new(),
            facts: BTreeMap::new(),
            pushes: Vec::new(),
            head: None,
            running: Vec::new(),
            meant: Some("b7c2".to_owned()),
            checked: Some(at(399)),
            error: None,
            started: None,
            listed: at(400),
            unreadable: None,
            writes: Vec::new(),
            sync: SyncStatus::Synced,
            operation: None,
            trouble: None,
        };
        world.image("aaa", "2026-11-20T10:00:00Z");
        world.image("bbb", "2026-11-20T12:00:00Z");
        world.sees("a1f3", "aaa", 0, 400);
        world.sees("b7c2", "bbb", 120, 400);
        world.runs("b7c2", "bbb");
        world
    }

    /// The trap itself: `c9d4` has A's bytes.
    fn reverted(strategy: &str) -> Self {
        let mut world = Self::new(strategy);
        world.sees("c9d4", "aaa", 300, 400);
        world
    }

    fn image(&mut self, digest: &str, created: &str) {
        self.built(digest, &format!("config-{digest}"), created, "linux/amd64");
    }

    fn built(&mut self, digest: &str, config: &str, created: &str, platform: &str) {
        let one = PlatformFacts {
            platform: text(platform),
            manifest: text(&format!("{digest}-child")),
            config: text(config),
            created: (!created.is_empty()).then(|| text(created)),
        };
        self.facts.insert(text(digest), ImageFacts { platforms: vec![one], ..ImageFacts::default() });
    }

    fn sees(&mut self, tag: &str, digest: &str, first: i64, last: i64) {
        self.sightings.push(Sighting {
            registry: text("registry.example"),
            repository: text("shop/web"),
            tag: text(tag),
            digest: text(digest),
            first_seen: at(first),
            last_seen: at(last),
            seen_by: SeenBy::Poll,
        });
    }

    fn runs(&mut self, tag: &str, digest: &str) {
        self.running = vec![Running { tag: Some(text(tag)), digest: text(digest) }];
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn set(self, change: impl FnOnce(&mut ImageSettings)) -> Self {
        self.with(|world| change(world.settings.as_mut().expect("settings")))
    }

    fn judge(&self) -> Verdict {
        let source = Arc::from("registry/registry.example");
        let reported = [text("registry.example/shop/web:b7c2")];
        judge(&Situation {
            now: self.now,
            settings: self.settings.as_ref(),
            tried: &self.tried,
            live: self.live,
            reported: &reported,
            own_platforms: &[],
            sightings: &self.sightings,
            facts: &self.facts,
            pushes: &self.pushes,
            head: self.head.as_deref(),
            running: &self.running,
            meant: self.meant.as_deref(),
            updater: Updater {
                interval: SignedDuration::from_mins(2),
                last_checked: self.checked,
                error: self.error.as_deref(),
                started: self.started,
            },
            registry: Registry {
                beginning: None,
                poll: SignedDuration::from_mins(1),
                listed: Some(self.listed),
                error: self.unreadable.clone(),
            },
            writes: &self.writes,
            sync: Some(self.sync),
            operation: self.operation.as_ref(),
            trouble: self.trouble.as_deref(),
            sources: Sources { registry: &source, argocd: &source, cluster: &source },
        })
    }

    #[track_caller]
    fn is(&self, state: State, cause: impl Into<Option<Cause>>) -> Verdict {
        let verdict = self.judge();
        assert_eq!((verdict.state, verdict.cause), (state, cause.into()), "{verdict:#?}");
        if verdict.cause.is_some() {
            assert!(verdict.way_out.is_some(), "{verdict:#?}");
        }
        verdict
    }
}

fn values(verdict: &Verdict) -> Vec<&str> {
    verdict.proof.iter().map(|proof| &*proof.value).collect()
}

#[test]
fn r1_a_revert_is_told_with_both_dates_and_both_tags() {
    World::new("newest-build").is(State::Fine, None);
    let verdict = World::reverted("newest-build").is(State::Trapped, Cause::Revert);
    assert_eq!(
        &*verdict.summary.text,
        "c9d4 is a1f3 built again, so its date is older than that of b7c2, which Image Updater keeps"
    );
    assert_eq!(
        values(&verdict),
        [
            "c9d4, dated 2026-11-20T10:00:00Z",
            "b7c2, dated 2026-11-20T12:00:00Z",
            "a1f3, first seen 2026-11-20T10:00:00Z"
        ]
    );
    assert_eq!(verdict.since, Some(at(300)));
    assert_eq!(verdict.expected.expect("known").by, Some(OrderSource::Sighting));
    // Another index around the same images, as attestations make one.
    let wrapped = World::new("newest-build").with(|world| {
        world.built("ccc", "config-aaa", "2026-11-20T10:00:00Z", "linux/amd64");
        world.sees("c9d4", "ccc", 300, 400);
    });
    wrapped.is(State::Trapped, Cause::Revert);
    // The pods say the platform's digest, the tag that of the index.
    let child = World::reverted("newest-build").with(|world| world.runs("c9d4", "aaa-child"));
    child.is(State::Fine, None);
}

#[test]
fn r1_opens_after_two_intervals_and_not_before() {
    let after = |seconds| {
        World::reverted("newest-build").with(|world| {
            world.now = at(300) + SignedDuration::from_secs(seconds);
            world.checked = Some(world.now);
        })
    };
    after(239).is(State::OnItsWay, Cause::Revert);
    after(240).is(State::Trapped, Cause::Revert);
}

#[test]
fn the_ways_out_of_r1_lead_out() {
    let sortable = |strategy| {
        World::new(strategy).with(|world| {
            world.sightings.clear();
            world.sees("20261120-100000", "aaa", 0, 400);
            world.sees("20261120-120000", "bbb", 120, 400);
            world.sees("20261120-150000", "aaa", 300, 400);
            world.runs("20261120-120000", "bbb");
        })
    };
    sortable("newest-build").is(State::Trapped, Cause::Revert);
    let verdict = sortable("alphabetical").is(State::Unknown, None);
    assert_eq!(verdict.would_pick.expect("picks").tag, "20261120-150000", "it is picked");
    let moving = World::new("digest").set(|it| it.constraint = text("main")).with(|world| {
        world.sees("main", "bbb", 120, 299);
        world.sees("main", "aaa", 300, 400);
        world.runs("main", "bbb");
    });
    assert_eq!(moving.judge().would_pick.expect("picks").digest.as_deref(), Some("aaa"));
    assert_ne!(moving.judge().state, State::Trapped);
}

#[test]
fn r2_the_same_date_for_all() {
    let constant = |strategy| {
        World::new(strategy).with(|world| {
            for digest in ["aaa", "bbb", "ccc"] {
                world.image(digest, "1970-01-01T00:00:00Z");
            }
            world.sees("a9", "ccc", 300, 400);
        })
    };
    let verdict = constant("newest-build").is(State::Trapped, Cause::DateTie);
    assert_eq!(values(&verdict)[2], "3");
    let dated = constant("newest-build").with(|world| world.image("ccc", "2026-11-20T15:00:00Z"));
    assert_eq!(dated.judge().would_pick.expect("picks").tag, "a9");
    assert_ne!(dated.judge().state, State::Trapped);
}

#[test]
fn r3_a_moved_tag_is_compared_by_name_only() {
    let moved = |strategy| {
        World::new(strategy).with(|world| {
            world.sightings.clear();
            world.sees("main", "aaa", 0, 119);
            world.sees("main", "bbb", 120, 299);
            world.sees("main", "aaa", 300, 400);
            world.runs("main", "bbb");
        })
    };
    for strategy in ["newest-build", "alphabetical"] {
        let verdict = moved(strategy).is(State::Trapped, Cause::MovedTag);
        assert_eq!(values(&verdict), ["aaa", "bbb", "aaa"], "A, B, A");
        moved(strategy).with(|world| world.runs("main", "aaa")).is(State::Fine, None);
    }
    // By the date that it has now it would be picked, but the date was read before it moved.
    let cached = |started: Option<i64>| {
        World::new("newest-build").with(|world| {
            world.image("ccc", "2026-11-20T15:00:00Z");
            world.sees("main", "aaa", 0, 299);
            world.sees("main", "ccc", 300, 400);
            world.started = started.map(at);
        })
    };
    cached(None).is(State::Trapped, Cause::MovedTag);
    assert_eq!(cached(Some(350)).judge().would_pick.expect("picks").tag, "main", "a restart reads it again");
}

#[test]
fn r4_the_order_of_names_is_not_that_of_pushes() {
    let named = |allow: &str| {
        World::new("alphabetical").set(|it| it.allow_tags = setting(text(allow))).with(|world| {
            world.sightings.clear();
            world.sees("build-9", "bbb", 0, 400);
            world.sees("build-10", "aaa", 300, 400);
            world.runs("build-9", "bbb");
        })
    };
    let verdict = named("").is(State::Trapped, Cause::OrderWrong);
    assert_eq!(values(&verdict), ["build-10", "build-10, build-9"]);
    assert_ne!(named("regexp:^build-[0-9]{2}$").judge().cause, Some(Cause::OrderWrong));
}

/// A mended 1.3 is pushed after 1.4; under semver that is no mistake. A date read as a version is one.
#[test]
fn r4_an_older_version_that_is_pushed_later_is_what_the_policy_wants() {
    let pushed = |running: &str, later: &str| {
        World::new("semver").with(|world| {
            world.sightings.clear();
            world.sees(running, "bbb", 0, 400);
            world.sees(later, "aaa", 300, 400);
            world.runs(running, "bbb");
        })
    };
    let verdict = pushed("1.4.2", "1.3.9").is(State::Fine, None);
    assert_eq!(
        &*verdict.summary.text,
        "1.3.9 was pushed last, but 1.4.2 is the higher version, as the policy wants"
    );
    pushed("1.4.2", "1.3.9")
        .with(|it| it.head = Some("1.3.9".to_owned()))
        .is(State::Trapped, Cause::OrderWrong);
    pushed("98453347", "1845333").is(State::Trapped, Cause::OrderWrong);
    pushed("20231127", "1.3.9").is(State::Trapped, Cause::OrderWrong);
}

#[test]
fn r5_a_rule_that_lets_nothing_pass_or_the_wrong_platform() {
    let broken = World::reverted("newest-build").set(|it| it.allow_tags = setting(text("^[a-z]")));
    let verdict = broken.is(State::Trapped, Cause::FilteredOut);
    assert_eq!(values(&verdict), ["c9d4", "^[a-z]"]);
    let platform = |platform: &str| {
        World::new("newest-build").with(|world| {
            world.built("ccc", "c", "2026-11-20T15:00:00Z", platform);
            world.sees("c9d4", "ccc", 300, 400);
        })
    };
    platform("linux/arm64").is(State::Trapped, Cause::FilteredOut);
    assert_eq!(platform("linux/amd64").judge().would_pick.expect("picks").tag, "c9d4");
    // What is left out on purpose is not expected, unless it is the head's build.
    let on_purpose = World::reverted("newest-build").set(|it| it.ignore_tags = setting(vec![text("c*")]));
    on_purpose.is(State::Fine, None);
    on_purpose.with(|it| it.head = Some("c9d4".to_owned())).is(State::Trapped, Cause::FilteredOut);
}

#[test]
fn r6_what_cannot_be_read_is_unknown() {
    let blocked = World::reverted("newest-build").with(|world| {
        world.unreadable = Some(said!("too-many-requests", "too many requests ({status})", status = 429));
    });
    let verdict = blocked.is(State::Unknown, Cause::NotVisible);
    assert_eq!(values(&verdict), ["too many requests (429)", "3"]);
    let unread = World::reverted("newest-build").with(|world| drop(world.facts.remove("bbb")));
    assert_eq!(&*unread.is(State::Unknown, None).summary.text, "The dates of some tags are not read yet (1)");
    // Nobody reads the date of a tag that is left out by its name.
    let ignored = World::reverted("newest-build")
        .set(|it| it.ignore_tags = setting(vec![text("a*")]))
        .with(|world| world.sees("a000", "zzz", 0, 400));
    ignored.is(State::Trapped, Cause::Revert);
}

/// An order by name under which `c9d4` is picked.
fn picked() -> World {
    World::reverted("alphabetical").with(|world| {
        world.meant = Some("c9d4".to_owned());
        world.writes = vec![Write { at: at(302), to: text("c9d4"), by_updater: true }];
    })
}

#[test]
fn r7_a_write_that_is_undone_at_once_is_blocked_not_trapped() {
    let undone = |seconds| {
        picked().with(|world| {
            let back = at(302) + SignedDuration::from_secs(seconds);
            world.writes.push(Write { at: back, to: text("b7c2"), by_updater: false });
            world.meant = Some("b7c2".to_owned());
        })
    };
    let verdict = undone(20).is(State::Blocked, Cause::WriteUndone);
    assert_eq!(values(&verdict), ["c9d4", "b7c2"]);
    assert_ne!(undone(120).judge().cause, Some(Cause::WriteUndone), "somebody's decision");
    picked().is(State::OnItsWay, None);
}

#[test]
fn r8_written_but_not_synced() {
    let operation = |phase, retries| Operation {
        phase,
        message: Some(text("one or more objects failed to apply")),
        started_at: Some(at(303)),
        finished_at: Some(at(304)),
        retries,
        initiated_by: None,
        revisions: Vec::new(),
    };
    let failed = picked().with(|world| world.operation = Some(operation(Phase::Failed, 0)));
    let verdict = failed.is(State::Blocked, Cause::WriteNotSynced);
    assert_eq!(values(&verdict), ["Synced", "one or more objects failed to apply"]);
    picked()
        .with(|it| it.operation = Some(operation(Phase::Running, 2)))
        .is(State::Blocked, Cause::WriteNotSynced);
    picked().with(|it| it.sync = SyncStatus::OutOfSync).is(State::Blocked, Cause::WriteNotSynced);
    picked().with(|it| it.operation = Some(operation(Phase::Succeeded, 0))).is(State::OnItsWay, None);
}

#[test]
fn r9_synced_but_not_rolled_out() {
    let stuck = picked().with(|world| world.trouble = Some("ImagePullBackOff".to_owned()));
    assert_eq!(values(&stuck.is(State::Blocked, Cause::RolloutBlocked)), ["ImagePullBackOff"]);
    stuck.with(|world| world.runs("c9d4", "aaa")).is(State::Fine, None);
}

#[test]
fn r10_not_live_or_nothing_matches() {
    let none = World::reverted("newest-build").with(|world| {
        world.settings = None;
        world.tried = vec![(text("web-staging"), Said::from("no"))];
    });
    assert_eq!(values(&none.is(State::Unwatched, Cause::NoMatch)), ["no"]);
    let dead = World::reverted("newest-build").with(|world| world.live = false);
    dead.is(State::Unwatched, Cause::NoMatch);
    dead.with(|world| world.runs("c9d4", "aaa")).is(State::Fine, None);
}

#[test]
fn r11_the_updater_is_silent_or_in_error() {
    let silent = |minutes| {
        World::reverted("newest-build")
            .with(|it| it.checked = Some(it.now - SignedDuration::from_mins(minutes)))
    };
    silent(7).is(State::Unwatched, Cause::UpdaterDown);
    silent(6).is(State::Trapped, Cause::Revert);
    let failing =
        World::reverted("newest-build").with(|it| it.error = Some("1 error(s) occurred".to_owned()));
    assert_eq!(values(&failing.is(State::Unwatched, Cause::UpdaterDown)), ["1 error(s) occurred"]);
    World::reverted("newest-build").with(|it| it.checked = None).is(State::Trapped, Cause::Revert);
    let refused = World::new("semver").set(|it| it.constraint = text("latest"));
    refused.is(State::Unwatched, Cause::UpdaterDown);
}

#[test]
fn what_cannot_be_known_is_said() {
    // Both came between two lists.
    let together = World::reverted("newest-build").with(|world| {
        world.image("ccc", "2026-11-20T11:00:00Z");
        world.sees("d000", "ccc", 300, 400);
    });
    assert_eq!(
        &*together.is(State::Unknown, None).summary.text,
        "Which image was pushed last cannot be known"
    );
    // A webhook knows better.
    let told = together.with(|world| {
        world.pushes =
            vec![Push { tag: text("c9d4"), digest: text("aaa"), at: at(301), by: OrderSource::Webhook }];
    });
    told.is(State::Trapped, Cause::Revert);
    // All was there before the first look.
    let first = World::new("newest-build")
        .with(|world| world.sightings.iter_mut().for_each(|it| it.first_seen = at(0)));
    first.is(State::Unknown, None);
    // The head's build is another one: no alarm.
    let head = World::reverted("newest-build").with(|world| world.head = Some("b7c2".to_owned()));
    assert_eq!(
        &*head.is(State::Unknown, None).summary.text,
        "c9d4 was pushed last, but the build of the branch's head is b7c2"
    );
    World::reverted("newest-build").with(|it| it.running.clear()).is(State::Unknown, None);
}

#[test]
fn a_deleted_tag_is_not_expected() {
    let gone = World::reverted("newest-build").with(|world| {
        world.sightings.retain(|it| &*it.tag != "c9d4");
        world.sees("c9d4", "aaa", 300, 350);
    });
    gone.is(State::Fine, None);
    // The list that missed it has not come to its end.
    gone.with(|world| world.listed = at(349)).is(State::Trapped, Cause::Revert);
}

/// The objects of a run in which `c9d4` was pushed with the bytes of `a1f3`.
#[test]
fn the_recorded_trap_is_found_and_not_before_the_rebuild() {
    let object =
        fixtures::observation(Kind::ImageUpdater, &fixtures::text("image-updater/imageupdater-trapped.json"));
    let app = fixtures::observation(
        Kind::Application,
        &fixtures::text("image-updater/application-iu-newest-trapped.json"),
    );
    let (Body::ImageUpdater(updater), Body::Application(app_body)) = (&object.body, &app.body) else {
        panic!("{object:?}")
    };
    let found = effective(Program::V1, &app.name, app_body, [(&object.name, &**updater)]);
    let image = &found.managed[0].images[0];
    let checked = updater.last_checked.expect("it looks");
    let story = |rebuilt: bool| {
        World::new("newest-build").with(|world| {
            world.settings = Some(image.clone());
            world.live = image.is_live(app_body);
            world.meant = Some("b7c2".to_owned());
            assert_eq!(&*app_body.sources[0].images[0], "127.0.0.1:26211/iu/newest:b7c2");
            world.now = checked;
            world.checked = Updater::of(Some(updater), SignedDuration::from_secs(20), None).last_checked;
            let shift = |sighting: &mut Sighting, seconds: i64| {
                sighting.first_seen = checked - SignedDuration::from_secs(seconds);
                sighting.last_seen = checked;
            };
            shift(&mut world.sightings[0], 900);
            shift(&mut world.sightings[1], 700);
            if rebuilt {
                world.sees("c9d4", "aaa", 0, 0);
                shift(&mut world.sightings[2], 240);
            }
            world.listed = checked;
        })
    };
    story(false).is(State::Fine, None);
    story(true).is(State::Trapped, Cause::Revert);
}

#[test]
fn an_error_is_read_though_the_object_says_ready() {
    let of = |file: &str| {
        let object =
            fixtures::observation(Kind::ImageUpdater, &fixtures::text(&format!("image-updater/{file}.json")));
        let Body::ImageUpdater(updater) = &object.body else { panic!("{object:?}") };
        Updater::of(Some(updater), SignedDuration::from_mins(2), None).error.map(str::to_owned)
    };
    assert_eq!(
        of("imageupdater-git-failing").as_deref(),
        Some("1 error(s) occurred during image update checks.")
    );
    assert_eq!(of("imageupdater-end"), None);
    assert_eq!(Updater::of(None, SignedDuration::from_mins(2), None).last_checked, None);
}

fn recorded_events() -> Vec<Arc<Event>> {
    let recorded = fixtures::objects_of("image-updater/events-images-updated.json");
    recorded
        .iter()
        .filter_map(|recorded| {
            match fixtures::reduced(recorded.kind, &recorded.text).expect("a name").observation?.body {
                Body::Event(event) => Some(event),
                _ => None,
            }
        })
        .collect()
}

/// Git write-back repeats its Event each cycle; a hand edit is undone.
#[test]
fn repeated_events_are_one_write() {
    let events = recorded_events();
    let told = |short: &str| {
        let own =
            events.iter().filter(|event| *event.about.name == *format!("iu-{short}")).map(AsRef::as_ref);
        let writes = writes(own, &format!("127.0.0.1:26211/iu/{short}"), []);
        writes.iter().map(|write| write.to.to_string()).collect::<Vec<_>>()
    };
    let repeated = events.iter().filter(|event| &*event.about.name == "iu-alpha").count();
    assert!(repeated > 1, "it was told {repeated} times");
    assert_eq!(told("alpha").len(), 1);
    let write = |minute, to: &str, by_updater| Write { at: at(minute), to: text(to), by_updater };
    let own = [(at(0), text("a")), (at(3), text("b"))];
    assert_eq!(writes([], "x", own), [write(0, "a", false), write(3, "b", false)]);
}

/// The whole recorded run: six Events about `iu-alpha` are two commits, the second after somebody reverted the first; two
/// about `iu-newest` are two writes, the second of which undoes a change by hand.
#[test]
fn recorded_events_are_told_once_for_each_write() {
    let mut events = recorded_events();
    events.sort_by_key(|event| event.at);
    let told = |name: &str, asked: &[(Text, Timestamp, Text)], patience| {
        let own: Vec<&Event> =
            events.iter().map(AsRef::as_ref).filter(|event| *event.about.name == *name).collect();
        let is_new = |place: &usize| {
            !is_told_again(
                own[*place],
                own[..*place].iter().copied(),
                asked,
                SignedDuration::from_secs(patience),
            )
        };
        (0..own.len()).filter(is_new).map(|place| own[place].at.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("iu-alpha", &[], 40), ["2026-11-23T22:01:05Z", "2026-11-23T22:04:07Z"]);
    let both = ["2026-11-23T22:01:04Z", "2026-11-23T22:03:06Z"];
    assert_eq!(told("iu-newest", &[], 40), both);
    // With the usual interval the second comes early, and only what was asked for between tells it apart.
    let asked =
        |tag: &str, at: &str| (text("127.0.0.1:26211/iu/newest"), at.parse().expect("a time"), text(tag));
    let by_hand = [
        asked("b7c2", "2026-11-23T22:01:04.2Z"),
        asked("a1f3", "2026-11-23T22:02:51.3Z"),
        asked("b7c2", "2026-11-23T22:03:06.5Z"),
    ];
    assert_eq!(told("iu-newest", &by_hand, 240), both);
    assert_eq!(told("iu-newest", &by_hand[..1], 240), both[..1]);
    assert_eq!(told("iu-moving", &[], 240).len(), 2);
    for once in ["iu-helm", "iu-notes", "iu-semver"] {
        assert_eq!(told(once, &[], 240).len(), 1, "{once}");
    }
}

/// What the updater wrote over a change by hand is no write that was undone, and what its status claims is no write.
#[test]
fn a_hand_edit_that_is_undone_is_not_the_updaters_fault() {
    let events = recorded_events();
    let own = || events.iter().filter(|event| &*event.about.name == "iu-newest").map(AsRef::as_ref);
    let time = |at: &str| at.parse::<Timestamp>().expect("a time");
    let meant = [
        (time("2026-11-23T22:01:04.2Z"), text("b7c2")),
        (time("2026-11-23T22:02:51.3Z"), text("a1f3")),
        (time("2026-11-23T22:03:06.5Z"), text("b7c2")),
    ];
    let told = writes(own(), "127.0.0.1:26211/iu/newest", meant.clone());
    let short: Vec<_> = told.iter().map(|write| (&*write.to, write.by_updater)).collect();
    assert_eq!(short, [("b7c2", true), ("a1f3", false), ("b7c2", true)]);
    let world = World::new("newest-build").with(|world| world.writes = told);
    world.is(State::Fine, None);
    // While the change by hand lasts the updater is about to undo it: nothing undid what the updater wrote within a minute.
    let during = world.with(|world| {
        world.writes.truncate(2);
        world.running.clear();
        world.runs("a1f3", "aaa");
        world.meant = Some("a1f3".to_owned());
        world.now = time("2026-11-23T22:03:00Z");
        world.checked = Some(world.now);
    });
    let verdict = during.judge();
    assert!(!matches!(verdict.cause, Some(Cause::WriteUndone | Cause::UpdaterDown)), "{verdict:?}");
    // The same within a minute of the write is what a machine does.
    let machine = during.with(|world| world.writes[1].at = time("2026-11-23T22:01:30Z"));
    machine.is(State::Blocked, Cause::WriteUndone);
}

proptest! {
    /// Whatever was seen: what runs and was pushed last is fine, a trap keeps what runs, and nothing is called a trap
    /// before its time.
    #[test]
    fn a_trap_is_what_the_words_say(
        strategy in prop::sample::select(vec!["newest-build", "alphabetical", "semver", "digest"]),
        edges in prop::collection::vec((0..6_u8, 0..5_u8, 0..400_i64), 1..12),
        dates in prop::collection::vec(0..24_u8, 5),
        running in (0..6_u8, 0..5_u8),
        minutes in 0..20_i64,
    ) {
        let mut world = World::new(strategy).set(|it| it.constraint = text(if strategy == "digest" { "1.2.0" } else { "" }));
        world.sightings.clear();
        for (digest, hour) in dates.iter().enumerate() {
            world.image(&format!("d{digest}"), &format!("2026-11-20T{hour:02}:00:00Z"));
        }
        for (tag, digest, first) in edges {
            world.sees(&format!("1.{tag}.0"), &format!("d{digest}"), first, 400);
        }
        world.now = at(400 + minutes);
        world.checked = Some(world.now);
        world.runs(&format!("1.{}.0", running.0), &format!("d{}", running.1));
        let verdict = world.judge();
        let again = world.clone().with(|it| it.sightings.reverse()).judge();
        let runs = format!("d{}", running.1);
        if let Some(expected) = &verdict.expected {
            // Under semver an older version that is pushed later is no mistake.
            let wanted = strategy == "semver" && verdict.state == State::Fine;
            prop_assert!(wanted || (verdict.state == State::Fine) == (*expected.digest == *runs));
            if verdict.state == State::Trapped {
                let pick = verdict.would_pick.as_ref();
                let keeps = pick.is_none_or(|it| it.digest.as_deref() == Some(&*runs) || it.tag == format!("1.{}.0", running.0));
                prop_assert!(keeps);
                prop_assert!(expected.at.is_none_or(|at| world.now.duration_since(at) >= SignedDuration::from_mins(4)));
            }
        } else {
            prop_assert!(matches!(verdict.state, State::Unknown | State::Unwatched));
        }
        // Edges that end at the same moment and began at the same are no story that a registry can tell.
        let unique = world.sightings.iter().all(|a| {
            world.sightings.iter().filter(|b| (&b.tag, b.first_seen) == (&a.tag, a.first_seen)).count() == 1
        });
        if unique {
            prop_assert_eq!((again.state, again.cause), (verdict.state, verdict.cause));
        }
    }
}
