//! As of: equal to a replay of everything written, whatever the months and gaps.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use landfall::store::{Batch, Epoch, Frame, Past, Store, Words};
use landfall_model::view::Environment;
use sqlx::PgPool;

use crate::world::*;

/// What a naive replay gives.
fn replay(frames: &[Frame], moment: Timestamp) -> Vec<Environment> {
    let mut now = BTreeMap::new();
    for frame in frames.iter().filter(|frame| frame.at <= moment) {
        now.insert(frame.entity.to_string(), frame.view.as_deref().cloned());
    }
    now.into_values().flatten().collect()
}

/// Frames over some months, many at equal times, some months without any.
fn random_frames(random: &mut fastrand::Rng, from: &str, months: i64) -> Vec<Frame> {
    let start = at(from);
    let span = months * 30 * 24 * 3600;
    let mut times: Vec<_> = (0..60).map(|_| random.i64(0..span)).collect();
    // A quiet stretch, and a burst.
    times.retain(|at| !(span / 3..span / 2).contains(at));
    times.extend(std::iter::repeat_n(span / 4, 5));
    times.sort_unstable();
    times
        .into_iter()
        .enumerate()
        .map(|(n, seconds)| {
            let id = format!("env {}", random.u32(0..6));
            let why = (random.u32(0..4) > 0).then(|| n.to_string());
            frame(&id, start + seconds.seconds(), why.as_deref())
        })
        .collect()
}

async fn check(store: &Store, frames: &[Frame], random: &mut fastrand::Rng) {
    let moments = frames
        .iter()
        .flat_map(|frame| [frame.at, frame.at + 1.microsecond(), frame.at - 1.microsecond()])
        .chain((0..40).map(|_| frames[0].at + random.i64(0..200 * 24 * 3600).seconds()));
    for moment in moments {
        let found = store.as_of(moment).await.unwrap();
        if moment < frames[0].at {
            assert_eq!(found, None, "{moment}");
        } else {
            assert_eq!(found.unwrap().environments, replay(frames, moment), "{moment}");
        }
    }
    let (stored, _) = store.load().await.unwrap();
    assert_eq!(stored.environments, replay(frames, Timestamp::MAX));
}

async fn commit_all(store: &Store, epoch: &Epoch, frames: &[Frame], random: &mut fastrand::Rng) {
    let mut rest = frames;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(random.usize(1..=rest.len().min(5)));
        let mut one = batch();
        one.frames = now.to_vec();
        store.commit(epoch, &one).await.unwrap();
        rest = later;
    }
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn as_of_equals_a_replay(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        for seed in 0..6 {
            let mut random = fastrand::Rng::with_seed(seed);
            empty(&pool).await;
            let epoch = lead(&pool, "a").await;
            let frames = random_frames(&mut random, "2026-01-10T00:00:00Z", 5);
            commit_all(&store, &epoch, &frames, &mut random).await;
            check(&store, &frames, &mut random).await;
        }
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_past_that_is_put_before_equals_a_replay_too_and_is_put_once(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        for seed in 100..104 {
            let mut random = fastrand::Rng::with_seed(seed);
            empty(&pool).await;
            let epoch = lead(&pool, "a").await;
            let live = random_frames(&mut random, "2026-04-05T00:00:00Z", 3);
            commit_all(&store, &epoch, &live, &mut random).await;
            let mut past = random_frames(&mut random, "2026-01-10T00:00:00Z", 2);
            // Of what is known already, nothing between may be changed.
            let known = live.iter().map(|frame| frame.at).min().unwrap();
            past.retain(|frame| frame.at < known);
            let past = Past { frames: past, ..Past::default() };
            let done = store.backfill(&epoch, past.clone()).await.unwrap();
            assert_eq!(done.frames, past.frames.len() as u64);
            let all: Vec<_> = past.frames.iter().chain(&live).cloned().collect();
            check(&store, &all, &mut random).await;

            assert_eq!(store.backfill(&epoch, past).await.unwrap().frames, 0);
            check(&store, &all, &mut random).await;
        }
    })
    .await;
}

async fn empty(pool: &PgPool) {
    sqlx::query("truncate frames, entities, keyframes, transitions, transition_seen")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update head set at = '1970-01-01 00:00+00'").execute(pool).await.unwrap();
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_quiet_environment_has_a_keyframe_at_each_month_s_start(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let moments =
            ["2026-06-10T00:00:00Z", "2026-07-01T00:00:00Z", "2026-08-31T23:59:59Z", "2026-10-02T00:00:00Z"];
        for (n, moment) in moments.into_iter().enumerate() {
            let mut one = batch();
            one.frames = vec![frame("busy", at(moment), Some(&n.to_string()))];
            if n == 0 {
                one.frames.push(frame("quiet", at(moment), Some("still")));
                one.frames.push(frame("gone", at(moment), None));
            }
            store.commit(&epoch, &one).await.unwrap();
        }
        // Of the months that were written in; nobody wrote in September.
        let query = "select count(*) from frames where keyframe and entity = 'quiet'";
        assert_eq!(rows(&pool, query).await, 3);
        assert_eq!(rows(&pool, "select count(*) from frames where keyframe and entity = 'gone'").await, 0);
        assert_eq!(rows(&pool, "select count(*) from frames where keyframe and entity = 'busy'").await, 3);
        // A month that begins with a new leader gets its keyframes at once.
        store.begin_month(&epoch).await.unwrap();
        assert_eq!(
            rows(&pool, "select count(*) from keyframes where month = date_trunc('month', now(), 'UTC')")
                .await,
            1
        );
        store.begin_month(&epoch).await.unwrap();
        let now = store.ping().await.unwrap();
        let view = store.as_of(now).await.unwrap().unwrap();
        assert_eq!(view.environments, [environment("busy", "3"), environment("quiet", "still")]);
        let september = store.as_of(at("2026-09-15T00:00:00Z")).await.unwrap().unwrap();
        assert_eq!(september.environments, [environment("busy", "2"), environment("quiet", "still")]);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn findings_sources_and_gaps_are_those_of_the_moment(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut one = batch();
        one.frames = vec![frame("web", at("2026-11-02T00:00:00Z"), Some("x"))];
        one.sources = vec![
            source_change("cluster/prod", "ok", "2026-11-02T00:00:00Z"),
            source_change("cluster/prod", "stale", "2026-11-03T00:00:00Z"),
            source_change("cluster/prod", "ok", "2026-11-04T00:00:00Z"),
        ];
        one.findings = vec![
            finding_row("over", "2026-11-02T12:00:00Z", None, true).into(),
            finding_row("open", "2026-11-03T12:00:00Z", None, true).into(),
            finding_row("grace", "2026-11-02T12:00:00Z", None, false).into(),
        ];
        store.commit(&epoch, &one).await.unwrap();
        let mut two = batch();
        two.findings =
            vec![finding_row("over", "2026-11-02T12:00:00Z", Some("2026-11-03T18:00:00Z"), false).into()];
        store.commit(&epoch, &two).await.unwrap();
        let gap = landfall::store::Gap {
            from: at("2026-11-03T00:00:00Z"),
            until: at("2026-11-03T06:00:00Z"),
            lost: 3,
            why: "the database was away".into(),
        };
        for _twice in 0..2 {
            let admits = Batch { gaps: vec![gap.clone()], ..batch() };
            store.commit(&epoch, &admits).await.unwrap();
        }

        for (moment, state, findings, gaps) in [
            ("2026-11-02T00:00:00Z", "ok", vec![], 0),
            ("2026-11-03T01:00:00Z", "stale", vec!["over"], 1),
            ("2026-11-03T13:00:00Z", "stale", vec!["open", "over"], 0),
            ("2026-11-03T18:00:00Z", "stale", vec!["open"], 0),
            ("2026-11-05T00:00:00Z", "ok", vec!["open"], 0),
        ] {
            let view = store.as_of(at(moment)).await.unwrap().unwrap();
            assert_eq!(view.sources[0].state.as_str(), state, "{moment}");
            assert_eq!(view.findings.iter().map(|f| &*f.id).collect::<Vec<_>>(), findings, "{moment}");
            assert_eq!(view.gaps.len(), gaps, "{moment}");
            assert_eq!(view.earliest, at("2026-11-02T00:00:00Z"));
        }
        assert_eq!(store.gaps(at("2026-11-03T06:00:00Z")).await.unwrap(), [gap]);
        assert_eq!(store.gaps(at("2026-11-03T06:00:01Z")).await.unwrap(), []);
        assert_eq!(rows(&pool, "select count(*) from transitions where kind = 'gap'").await, 1);
        assert_eq!(store.earliest().await.unwrap(), Some(at("2026-11-02T00:00:00Z")));
    })
    .await;
}

/// A view of the past shows what a finding said then, not what it came to say.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn findings_say_what_they_said_then(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut told = Vec::new();
        for (nth, words) in ["one pod", "two pods", "all pods"].into_iter().enumerate() {
            let mut row = finding_row("f", "2026-11-02T12:00:00Z", None, true);
            row.finding.summary = words.into();
            let moment = at("2026-11-02T12:00:00Z") + i64::try_from(nth).unwrap().hours();
            let words = vec![Words { at: moment, finding: row.finding.clone() }];
            let frames = vec![frame("web", moment, Some(&nth.to_string()))];
            let one = Batch { findings: vec![row.into()], words, frames, ..batch() };
            store.commit(&epoch, &one).await.unwrap();
            told.push(moment);
        }
        // One that was stored before words were kept.
        let mut old = batch();
        old.findings = vec![finding_row("old", "2026-11-02T12:00:00Z", None, true).into()];
        store.commit(&epoch, &old).await.unwrap();
        for (moment, words) in told.iter().zip(["one pod", "two pods", "all pods"]) {
            let view = store.as_of(*moment + 1.minutes()).await.unwrap().unwrap();
            let said: Vec<_> = view.findings.iter().map(|f| (&*f.id, &*f.summary)).collect();
            assert_eq!(said, [("f", words), ("old", "s")], "{moment}");
            assert_eq!(view.environments.len(), 1, "words are no environments");
        }
        let stored = store.load().await.unwrap().0;
        assert_eq!((stored.environments.len(), stored.findings.len()), (1, 2));
    })
    .await;
}
