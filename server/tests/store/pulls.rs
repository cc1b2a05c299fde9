//! Pull requests in time: their pages when they are gone, views of the past, and what is usual.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use landfall::store::{Batch, PullFrame, Retention};
use landfall_model::{Text, index::StepTime, view::Pull, words::StepKind};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::world::*;

fn pull(number: u64, title: &str) -> Pull {
    serde_json::from_value(json!({
        "id": format!("acme/shop#{number}"), "forge": "forge/github", "repository": "acme/shop", "number": number,
        "url": null, "state": "waiting", "previews": [], "sources": [],
        "request": {
            "title": title, "author": "alice", "url": null, "state": "open", "created": null, "base": "main",
            "head": {"branch": "total", "sha": "e41c07d"},
        },
    }))
    .expect("a pull request")
}

fn frame(number: u64, moment: &str, title: Option<&str>) -> PullFrame {
    PullFrame {
        id: Text::from(format!("acme/shop#{number}")),
        at: at(moment),
        view: title.map(|title| Arc::new(pull(number, title))),
    }
}

fn step(n: u128, step: StepKind, moment: Timestamp, took: i64, stuck: bool) -> StepTime {
    StepTime {
        id: Uuid::from_u128(n),
        pull: Text::from("acme/shop#7"),
        repository: Some(Text::from("acme/shop")),
        service: Some(Text::from("shop")),
        environment: Some(Text::from("pr-7")),
        commit: Some(Text::from("e41c07d")),
        step,
        at: moment,
        took: Some(SignedDuration::from_secs(took)).filter(|_| !stuck),
        in_all: (step == StepKind::Healthy).then(|| SignedDuration::from_secs(10 * took)),
        exact: true,
        stuck,
    }
}

fn title(pull: &Pull) -> &str {
    pull.request.as_ref().map_or("", |request| &*request.title)
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_page_stays_when_its_pull_request_is_gone(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let frames = [
            frame(7, "2026-09-20T10:00:00Z", Some("first")),
            frame(8, "2026-09-20T10:00:00Z", Some("other")),
            frame(7, "2026-09-21T10:00:00Z", Some("second")),
            // A month in which nothing is said of the other.
            frame(7, "2026-10-05T10:00:00Z", Some("third")),
            frame(7, "2026-10-06T10:00:00Z", None),
        ];
        for one in frames {
            let moment = one.at;
            // Frames of environments make the months.
            let of_months = crate::world::frame("env", moment, Some("x"));
            let batch = Batch { pulls: vec![one], frames: vec![of_months], ..batch() };
            store.commit(&epoch, &batch).await.unwrap();
        }
        let titles = async |moment: &str| {
            let view = store.as_of(at(moment)).await.unwrap().unwrap();
            view.pulls.iter().map(|pull| title(pull).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titles("2026-09-20T12:00:00Z").await, ["first", "other"]);
        assert_eq!(titles("2026-09-30T12:00:00Z").await, ["second", "other"]);
        assert_eq!(titles("2026-10-05T12:00:00Z").await, ["third", "other"], "copied at the month's start");
        assert_eq!(titles("2026-10-07T12:00:00Z").await, ["other"]);
        let (stored, _) = store.load().await.unwrap();
        assert_eq!(
            stored.pulls.iter().map(title).collect::<Vec<_>>(),
            ["other"],
            "what is gone is not restored"
        );
        let last = store.pull("acme/shop", 7, at("2026-11-01T00:00:00Z")).await.unwrap().unwrap();
        assert_eq!((title(&last.pull), last.at), ("third", at("2026-10-05T10:00:00Z")));
        assert_eq!(last.gone_at, Some(at("2026-10-06T10:00:00Z")));
        let then = store.pull("acme/shop", 7, at("2026-09-20T12:00:00Z")).await.unwrap().unwrap();
        assert_eq!((title(&then.pull), then.gone_at), ("first", None));
        assert_eq!(store.pull("acme/shop", 9, at("2026-11-01T00:00:00Z")).await.unwrap(), None);
        assert_eq!(store.pull("acme/other", 7, at("2026-11-01T00:00:00Z")).await.unwrap(), None);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_is_usual_is_reckoned_from_what_was(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        // A Wednesday; the week before has one.
        let now = at("2026-11-18T12:00:00Z");
        let ago = |hours: i64| now - SignedDuration::from_hours(hours);
        let mut step_times: Vec<StepTime> = (1..=10_u32)
            .map(|n| step(n.into(), StepKind::Pushed, ago(1), i64::from(n) * 60, false))
            .collect();
        step_times.push(step(20, StepKind::Created, ago(2), 30, false));
        step_times.push(step(21, StepKind::Healthy, ago(1), 40, false));
        step_times.push(step(22, StepKind::Picked, ago(1), 0, true));
        step_times.push(step(23, StepKind::Created, ago(8 * 24), 50, false));
        // Told twice, kept once; long ago, not usual any more.
        step_times.push(step(20, StepKind::Created, ago(2), 30, false));
        step_times.push(step(24, StepKind::Pushed, ago(60 * 24), 9_999, false));
        store.commit(&epoch, &Batch { step_times: step_times.clone(), ..batch() }).await.unwrap();
        store.commit(&epoch, &Batch { step_times, ..batch() }).await.unwrap();
        let span = SignedDuration::from_hours(28 * 24);
        let usual = store.usual_steps(Some("acme/shop"), span, now).await.unwrap();
        let pushed = usual.iter().find(|usual| usual.step == StepKind::Pushed).unwrap();
        assert_eq!((pushed.count, pushed.median.as_secs(), pushed.p90.as_secs()), (10, 330, 546));
        let kinds: Vec<_> = usual.iter().map(|usual| (usual.step, usual.count)).collect();
        assert_eq!(
            kinds,
            [(StepKind::Created, 2), (StepKind::Pushed, 10), (StepKind::Healthy, 1)],
            "none stuck"
        );
        assert_eq!(store.usual_steps(Some("acme/other"), span, now).await.unwrap(), []);
        assert_eq!(store.usual_steps(None, span, now).await.unwrap(), usual);
        let weeks = store.preview_weeks(now - span, now).await.unwrap();
        let figures: Vec<_> = weeks
            .iter()
            .map(|week| {
                (week.week.to_string(), week.made, week.ready, week.median_ready.map(|it| it.as_secs()))
            })
            .collect();
        let expected = [("2026-11-16".to_owned(), 1, 1, Some(400)), ("2026-11-09".to_owned(), 1, 0, None)];
        assert_eq!(figures, expected);
        assert!(weeks[0].stuck.contains(&(StepKind::Picked, 1)), "{weeks:?}");
        store.retain(Retention { months: 1 }).await.unwrap();
        let all = store.usual_steps(None, SignedDuration::from_hours(400 * 24), now).await.unwrap();
        let pushed = all.iter().find(|usual| usual.step == StepKind::Pushed).map(|usual| usual.count);
        assert_eq!(pushed, Some(10), "what is older than what is kept is gone");
    })
    .await;
}
