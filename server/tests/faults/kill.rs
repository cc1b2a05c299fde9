//! F21: `kill -9` at random points, of leaders and of followers, over and over, while the fleet changes all the time.
//!
//! The database is made slow inside its transactions, so that many of the kills fall into the middle of one. Now and
//! then the leader is not killed but paused for longer than its lease lasts: it wakes up beside its successor, with
//! rows in hand that it must not write.

use std::time::Duration;

use rustix::process::Signal;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
    measured,
    replica::{PATIENCE, Replica, until},
    truth,
    world::Busy,
};

/// How long a lease lasts here.
const LEASE: Duration = Duration::from_secs(1);
/// Something is written at least so often: a third of what Argo CD's ten deployments last.
const WRITES: Duration = Duration::from_secs(10);
/// What a replica logs when it has stopped writing.
const ENDED: &str = "no longer leading";
/// No run is longer.
const LIMIT: Duration = Duration::from_secs(3_600);

/// A number that the environment may set.
fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten minutes; `cargo xtask faults`"]
async fn f21_two_hundred_killed_replicas_lose_and_double_nothing() {
    let times = given("LANDFALL_KILLS").and_then(|n| u32::try_from(n).ok()).unwrap_or(200);
    let seed = given("LANDFALL_SEED").unwrap_or_else(|| fastrand::u64(..));
    let book = tokio::time::timeout(LIMIT, killed(times, seed)).await.expect("it ends in time");
    measured("F21", &book);
}

/// The same in short, with every run of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_killed_replicas_lose_and_double_nothing() {
    println!("{}", killed(4, fastrand::u64(..)).await);
}

/// What was done, and what it did.
#[derive(Default)]
struct Book {
    leaders: u32,
    followers: u32,
    pauses: u32,
    /// Kills while a transaction was open.
    in_transaction: u32,
    /// From a kill to the next leader.
    longest_without_leader: Duration,
    /// From a pause to the next leader: the database first ends the transaction of who is paused, after five seconds.
    longest_pause: Duration,
}

impl Book {
    const fn kills(&self) -> u32 {
        self.leaders + self.followers
    }
}

struct Two {
    replicas: [Replica; 2],
    random: fastrand::Rng,
    book: Book,
    conn: PgConnection,
    /// How many deployments were in the log, and since when.
    written: (i64, Instant),
}

impl Two {
    /// Which one leads. Waits until one does.
    async fn leader(&self) -> usize {
        let begun = Instant::now();
        loop {
            for (nth, replica) in self.replicas.iter().enumerate() {
                if replica.leads().await {
                    return nth;
                }
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "nobody leads; the logs end so:\n{}\n\n{}",
                self.replicas[0].tail(),
                self.replicas[1].tail()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Lets the leader live until something was written again, where that was long ago. Argo CD remembers ten
    /// deployments: of a fleet of which nothing is written for longer, nobody could tell what was in between.
    async fn progress(&mut self) {
        let begun = Instant::now();
        loop {
            let now: i64 = sqlx::query_scalar("select count(*) from transitions where kind = 'revision'")
                .fetch_one(&mut self.conn)
                .await
                .unwrap();
            if now != self.written.0 {
                self.written = (now, Instant::now());
            }
            if self.written.1.elapsed() < WRITES {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "nothing is written:\n{}", self.replicas[0].tail());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn wait(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.random.f64())
    }

    /// `kill -9` of these, which are started again at once.
    async fn kill(&mut self, victims: &[usize], leader: usize) {
        let writing = self.writing().await;
        for victim in victims {
            self.replicas[*victim].kill();
            if *victim == leader {
                self.book.leaders += 1;
                self.book.in_transaction += u32::from(writing);
            } else {
                self.book.followers += 1;
            }
        }
        let since = Instant::now();
        for victim in victims {
            self.replicas[*victim].again();
        }
        if victims.contains(&leader) {
            self.leader().await;
            self.book.longest_without_leader = self.book.longest_without_leader.max(since.elapsed());
        }
    }

    /// Whether somebody is within a transaction that writes.
    async fn writing(&mut self) -> bool {
        sqlx::query_scalar(
            "select exists (select from pg_stat_activity
                             where application_name = 'landfall write' and xact_start is not null)",
        )
        .fetch_one(&mut self.conn)
        .await
        .unwrap()
    }

    /// Stops the leader within a transaction until another leads, and a little longer. It wakes up with rows in hand.
    async fn pause(&mut self, leader: usize) {
        let (other, begun) = (1 - leader, Instant::now());
        while !self.writing().await && begun.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let tenures = self.replicas[leader].logged(ENDED);
        self.replicas[leader].signal(Signal::STOP);
        let since = Instant::now();
        until(&self.replicas[other], "the other leads", async || self.replicas[other].leads().await).await;
        self.book.longest_pause = self.book.longest_pause.max(since.elapsed());
        tokio::time::sleep(self.wait(LEASE)).await;
        self.replicas[leader].signal(Signal::CONT);
        self.book.pauses += 1;
        // It tries to write what it had in hand, is refused, and follows: nobody disturbs it in that.
        until(&self.replicas[leader], "the late one no longer leads", async || {
            self.replicas[leader].logged(ENDED) > tenures
        })
        .await;
    }
}

async fn killed(times: u32, seed: u64) -> String {
    println!("F21: LANDFALL_SEED={seed} takes the same steps again (the moments are the machine's)");
    let cluster = Cluster::start().await;
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    conn.execute(SLOW).await.unwrap();
    let busy = Busy::seeded(30, Duration::from_millis(80), seed);
    let running = busy.world.start().await.unwrap();
    let url = truth::url(&cluster);
    let lease = format!("{}s", LEASE.as_secs());
    let replicas = [0, 1].map(|_| Replica::start(&busy.world, &url, &lease));
    let random = fastrand::Rng::with_seed(seed);
    let mut two = Two { replicas, random, book: Book::default(), conn, written: (0, Instant::now()) };
    two.replicas[0].until_well().await;
    let mut told = 0;
    while two.book.kills() < times {
        two.progress().await;
        let leader = two.leader().await;
        // Into a first list, into a step, into a commit, or after all of them.
        let wait = two.wait(Duration::from_millis(900));
        tokio::time::sleep(wait).await;
        match two.random.u8(0..20) {
            0..11 => two.kill(&[leader], leader).await,
            11..16 => two.kill(&[1 - leader], leader).await,
            16..18 => two.kill(&[leader, 1 - leader], leader).await,
            _ => two.pause(leader).await,
        }
        if two.book.kills() / 20 > told {
            told = two.book.kills() / 20;
            println!("{} killed", two.book.kills());
        }
    }
    let (world, deployed) = busy.rest().await;
    two.leader().await;
    for replica in &two.replicas {
        replica.until_well().await;
        replica.until_written().await;
    }
    let takeovers: i64 =
        sqlx::query_scalar("select epoch - 1 from lease").fetch_one(&mut two.conn).await.unwrap();
    let log = truth::Log::read(&cluster, &deployed).await;
    let refused: usize = two.replicas.iter().map(|replica| replica.logged("what waited is dropped")).sum();
    let Book { leaders, followers, pauses, in_transaction, .. } = &two.book;
    let figures = format!(
        "seed {seed}: {} kills ({leaders} leaders, {in_transaction} of them within a transaction; {followers} \
         followers), {pauses} leaders paused within a transaction, {refused} late writes refused, {takeovers} takeovers; {log}; longest time without a \
         leader {:.1?} after a kill, {:.1?} after a pause (lease {LEASE:?})",
        two.book.kills(),
        two.book.longest_without_leader,
        two.book.longest_pause,
    );
    println!("F21: {figures}");
    log.assert_true();
    truth::present_is_true(&cluster, &world).await;
    truth::same_view(&two.replicas[0], &two.replicas[1]).await;
    for replica in &mut two.replicas {
        replica.stop().await;
    }
    two.conn.close().await.unwrap();
    running.shutdown().await;
    figures
}

/// Each statement that writes takes up to a tenth of a second longer.
const SLOW: &str = "
    create function slow() returns trigger language plpgsql as
      $$ begin perform pg_sleep(0.1 * random()); return null; end $$;
    create trigger slow after insert on transitions for each statement execute function slow();
    create trigger slow after insert on frames for each statement execute function slow();
    create trigger slow after insert or update on observations for each statement execute function slow();
    create trigger slow after insert or update on findings for each statement execute function slow();
    create trigger slow after update on head for each statement execute function slow();
";
