//! F10, F16, F23: a full disk, a wrong clock, too little processor. Not every machine lets a test do that to it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use sqlx::{Connection as _, PgConnection};
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
    measured, not_here,
    replica::{Replica, until},
    truth,
    world::Busy,
};

/// The library that lies about the time.
fn faketime() -> Option<PathBuf> {
    let known = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
    ];
    known.iter().map(|folder| Path::new(folder).join("faketime/libfaketime.so.1")).find(|file| file.exists())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f16_a_leader_whose_clock_is_an_hour_off_keeps_the_order() {
    let Some(library) = faketime() else {
        not_here("F16", "libfaketime is missing; apt-get install libfaketime");
        return;
    };
    let library = library.display().to_string();
    let cluster = Cluster::start().await;
    let busy = Busy::start(30, Duration::from_millis(50));
    let running = busy.world.start().await.unwrap();
    let url = truth::url(&cluster);
    for offset in ["+1h", "-1h", "+0"] {
        let environment =
            [("LD_PRELOAD", library.as_str()), ("FAKETIME", offset), ("DONT_FAKE_MONOTONIC", "1")];
        let mut replica = Replica::start_with(&busy.world, &url, "2s", &environment);
        until(&replica, "it leads", async || replica.leads().await).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        replica.stop().await;
    }
    let (_, deployed) = busy.rest().await;
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    let ahead: i64 = sqlx::query_scalar(
        "select count(*) from transitions where noticed_at > now() + interval '5 seconds'",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(ahead, 0, "changes noticed in the future");
    let disordered: i64 = sqlx::query_scalar(
        "select count(*) from (
             select at < lag(at) over (partition by entity order by seq) as back from frames) f
          where back",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(disordered, 0, "frames that go back in time");
    conn.close().await.unwrap();
    measured("F16", &format!("+1 h, -1 h, then right: {} deployments, order kept", deployed.len()));
    running.shutdown().await;
}

/// A small file system in memory, until dropped.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=120m,mode=0777", "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _still_used = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f10_a_full_disk_is_survived_without_a_restart() {
    let Some(small) = Small::mount() else {
        not_here("F10", "a small file system cannot be mounted; run as root where mounting is allowed");
        return;
    };
    let cluster = Cluster::start().await;
    let mut admin = PgConnection::connect_with(&cluster.options()).await.unwrap();
    let place = small.0.path().join("space");
    std::fs::create_dir(&place).unwrap();
    let owned = Command::new("chown").arg("postgres").arg(&place).status().unwrap();
    assert!(owned.success());
    sqlx::query(sqlx::AssertSqlSafe(format!("create tablespace small location '{}'", place.display())))
        .execute(&mut admin)
        .await
        .unwrap();
    sqlx::query("create database small tablespace small").execute(&mut admin).await.unwrap();
    let url = truth::url(&cluster).replace("/postgres?", "/small?");
    let busy = Busy::start(50, Duration::from_millis(20));
    let running = busy.world.start().await.unwrap();
    let mut replica = Replica::start(&busy.world, &url, "3s");
    until(&replica, "it leads", async || replica.leads().await).await;
    replica.until_well().await;
    let filler = small.0.path().join("filler");
    let _full = std::fs::write(&filler, vec![0_u8; 120 << 20]);
    let full = until(&replica, "nothing fits any more", async || {
        assert_eq!(replica.get("/").await.map(|(status, _)| status), Some(200));
        replica.metric("landfall_writer_queue").await.is_some_and(|queue| queue > 500.0)
    })
    .await;
    std::fs::remove_file(&filler).unwrap();
    let again = until(&replica, "writes go on", async || {
        replica.metric("landfall_writer_queue").await.is_some_and(|queue| queue < 50.0)
    })
    .await;
    assert!(replica.lives(), "it went on living");
    measured(
        "F10",
        &format!(
            "full, 500 rows in waiting after {full:.1?}; written {again:.1?} after there was space again"
        ),
    );
    let (_, deployed) = busy.rest().await;
    assert!(!deployed.is_empty());
    replica.stop().await;
    running.shutdown().await;
    sqlx::query("drop database small with (force)").execute(&mut admin).await.unwrap();
    sqlx::query("drop tablespace small").execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
}

/// A control group that lets its processes have a fifth of a core, until dropped.
struct Throttle(PathBuf);

impl Throttle {
    fn make() -> Option<Self> {
        let folder = Path::new("/sys/fs/cgroup").join(format!("landfall-{:08x}", fastrand::u32(..)));
        std::fs::create_dir(&folder).ok()?;
        let made = Self(folder);
        std::fs::write(made.0.join("cpu.max"), "20000 100000").ok()?;
        Some(made)
    }

    fn add(&self, pid: u32) -> bool {
        std::fs::write(self.0.join("cgroup.procs"), pid.to_string()).is_ok()
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        let _processes_left = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f23_with_a_fifth_of_a_core_it_answers_that_it_lives() {
    let Some(throttle) = Throttle::make() else {
        not_here("F23", "no control group with a limit can be made under /sys/fs/cgroup");
        return;
    };
    let cluster = Cluster::start().await;
    let busy = Busy::start(100, Duration::from_millis(20));
    let running = busy.world.start().await.unwrap();
    let mut replica = Replica::start(&busy.world, &truth::url(&cluster), "5s");
    if !throttle.add(replica.pid()) {
        not_here("F23", "a process cannot be put into a control group");
        return;
    }
    let end = Instant::now() + Duration::from_secs(30);
    let mut worst = Duration::ZERO;
    while Instant::now() < end {
        assert!(replica.lives());
        let asked = Instant::now();
        if replica.get("/livez").await.is_some_and(|(status, _)| status == 200) {
            worst = worst.max(asked.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    measured("F23", &format!("/livez at worst after {worst:.1?} with a fifth of a core"));
    assert!(worst > Duration::ZERO && worst <= Duration::from_secs(5), "{worst:?}");
    replica.stop().await;
    drop(throttle);
    drop(busy.rest().await);
    running.shutdown().await;
}
