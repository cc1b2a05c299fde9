//! The application's role: enough for its work, too little to change what was recorded.

use landfall::store::{Batch, Past, Retention, Store, StoreError};
use sqlx::PgPool;

use crate::world::*;

/// A store whose connections act as the application's group role.
fn as_app(pool: &PgPool) -> Store {
    Store::with_options(pool.connect_options().as_ref().clone().options([("role", "landfall_app")]), 4)
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn the_application_role_can_do_all_its_work(pool: PgPool) {
    let store = as_app(&pool);
    let check = store.check().await.unwrap();
    assert_eq!(check.role, "landfall_app");
    assert!(check.is_ok() && !check.may_change_history, "{check:?}");

    let (lease, epoch) = leading(&store, "app", PATIENCE).await;
    store.begin_month(&epoch).await.unwrap();
    let past = Past {
        transitions: vec![transition(1, "web", "2026-06-20T10:00:00Z")],
        frames: vec![frame("web", at("2026-06-20T10:00:00Z"), Some("x"))],
        findings: vec![finding_row("p", "2026-06-20T10:00:00Z", Some("2026-06-21T10:00:00Z"), false)],
        ..Past::default()
    };
    store.backfill(&epoch, past).await.unwrap();
    let mut all = batch();
    all.transitions = vec![transition(2, "web", "2026-11-20T10:00:00Z")];
    all.objects = vec![put("one", "x", 1), gone("one")];
    all.frames = vec![frame("web", at("2026-11-20T10:00:00Z"), Some("y"))];
    all.sources = vec![source_change("cluster/prod", "ok", "2026-11-20T10:00:00Z")];
    all.findings = vec![finding_row("f", "2026-11-20T10:00:00Z", None, true).into()];
    store.commit(&epoch, &all).await.unwrap();
    let signs = vec![("cluster/prod".into(), at("2026-11-20T10:00:01Z"))];
    store.commit(&epoch, &Batch::signs_of_life(0, signs)).await.unwrap();
    let mut look = look("main", "sha256:a");
    store.record_look(&epoch, &look).await.unwrap();
    look.listed = Some(Vec::new());
    look.pointed.clear();
    store.record_look(&epoch, &look).await.unwrap();
    assert_eq!(store.sightings("registry.example/web", 10).await.unwrap().len(), 1);
    store.record_digests(&epoch, &[described("sha256:a", &["sha256:b"])]).await.unwrap();
    assert_eq!(store.unknown_digests(&["sha256:a".into(), "sha256:b".into()]).await.unwrap(), ["sha256:b"]);
    store.load().await.unwrap();
    store.follow(0).await.unwrap();
    store.as_of(at("2026-11-20T10:00:00Z")).await.unwrap().unwrap();
    let done = store.retain(Retention { months: 2 }).await.unwrap();
    assert!(!done.dropped.is_empty());
    lease.release().await;
    store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn the_application_role_cannot_change_history_or_tables(pool: PgPool) {
    let store = as_app(&pool);
    let mut conn = pool.acquire().await.unwrap();
    sqlx::query("set role landfall_app").execute(&mut *conn).await.unwrap();
    for statement in [
        "update transitions set bad = true",
        "delete from transitions",
        "update frames set view = null",
        "delete from frames",
        "delete from gaps",
        "delete from source_history",
        "delete from tag_sightings",
        "delete from digests",
        "truncate transitions",
        "drop table transitions",
        "create table mine ()",
        "alter table findings add column x int",
        "create function public.mine() returns int language sql as 'select 1'",
        "select landfall_grant_app('landfall_app')",
    ] {
        let error = sqlx::query(statement).execute(&mut *conn).await.expect_err(statement);
        let error = StoreError::from(error);
        assert!(matches!(error, StoreError::Forbidden(_)), "{statement}: {error:?}");
    }
    sqlx::query("reset role").execute(&mut *conn).await.unwrap();
    drop(conn);
    store.close().await;
}
