//! The whole program as it should be run: one role owns the tables, another may only work on them; and a leader that is
//! asked to stop hands over at once.

use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
    measured,
    replica::{Replica, until},
    truth,
    world::Busy,
};

/// Much longer than a test: who takes over sooner was handed the lease.
const LEASE: &str = "5m";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restricted_role_leads_and_hands_over_when_asked_to_stop() {
    let cluster = Cluster::start().await;
    let mut admin = PgConnection::connect_with(&cluster.options()).await.unwrap();
    for statement in [
        // The group may be there from the migrations of this server's own database.
        "do $$ begin
             if exists (select from pg_roles where rolname = 'landfall_app') then
                 alter role landfall_app login;
             else
                 create role landfall_app login;
             end if;
         end $$",
        "create role landfall_migrate login",
        "create database separate owner landfall_migrate",
        "revoke all on database separate from public",
        "grant connect on database separate to landfall_app",
    ] {
        admin.execute(statement).await.unwrap();
    }
    let separate = cluster.options().database("separate");
    // As the migrations find it on a server that has been set up by hand.
    let url = |role: &str| {
        truth::url(&cluster).replace("/postgres?", "/separate?").replace("landfall@", &format!("{role}@"))
    };
    let busy = Busy::start(20, std::time::Duration::from_millis(100));
    let running = busy.world.start().await.unwrap();
    let start = || Replica::with_owner(&busy.world, &url("landfall_app"), &url("landfall_migrate"), LEASE);
    let mut first = start();
    until(&first, "the first leads", async || first.leads().await).await;
    first.until_well().await;
    let mut second = start();
    second.until_well().await;
    assert!(!second.leads().await);

    let asked = Instant::now();
    let ended = first.stop().await;
    until(&second, "the second leads", async || second.leads().await).await;
    let handed_over = asked.elapsed();
    second.until_well().await;

    let (_, deployed) = busy.rest().await;
    second.until_written().await;
    let mut conn = PgConnection::connect_with(&separate).await.unwrap();
    let (told, owner, may): (i64, String, bool) = sqlx::query_as(
        "select (select count(distinct now) from transitions where kind = 'revision')
              , (select tableowner::text from pg_tables where tablename = 'transitions')
              , (select rolsuper or rolcreaterole or rolcreatedb or pg_has_role('landfall_app', 'landfall_migrate', 'usage')
                   from pg_roles where rolname = 'landfall_app')",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert!(told >= i64::try_from(deployed.len()).unwrap(), "{told} of {} deployments", deployed.len());
    assert_eq!((owner.as_str(), may), ("landfall_migrate", false));
    let users: Vec<String> = sqlx::query_scalar(
        "select distinct usename::text from pg_stat_activity
          where datname = 'separate' and application_name like 'landfall %'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(users, ["landfall_app"], "the server works as the restricted role alone");
    for replica in [&first, &second] {
        assert_eq!(replica.logged("lacks a permission") + replica.logged("permission denied"), 0);
    }
    conn.close().await.unwrap();
    admin.close().await.unwrap();
    measured(
        "SIGTERM",
        &format!("ended after {ended:.1?}, the other led {handed_over:.1?} after the signal (lease {LEASE})"),
    );
    second.stop().await;
    running.shutdown().await;
}
