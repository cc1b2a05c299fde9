//! Who leads: one replica at a time, by a row in Postgres.
//!
//! The holder renews every third of the lease's time; a candidate takes it once it ran out or was given back.
//! Each change of hands makes a new epoch, and [`Store::commit`] checks it, so that the lease may be wrong
//! about time without harm: a leader that was paused wakes up fenced.
//!
//! A holder that cannot reach the database stays leader: nobody else can take the lease there either, its
//! pages stay live and its writes wait. Once the database answers again it has one lease time to come back
//! before a candidate that went through the same silence takes over, so that what waited is not thrown away.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError, statement::lease};
use landfall_model::Text;

/// One tenure of a lease. Goes with every write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch {
    /// Name of the lease.
    pub lease: Text,
    /// Grows with every change of hands.
    pub number: i64,
}

impl std::fmt::Display for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.lease, self.number)
    }
}

/// Whether this replica leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leadership {
    Leader {
        epoch: Epoch,
    },
    /// `leader` is the name of who leads, where that is known.
    Follower {
        leader: Option<Text>,
    },
}

impl Leadership {
    /// The epoch to write under.
    pub const fn epoch(&self) -> Option<&Epoch> {
        match self {
            Self::Leader { epoch } => Some(epoch),
            Self::Follower { .. } => None,
        }
    }
}

/// How a lease is kept.
#[derive(Debug, Clone)]
pub struct LeaseSettings {
    /// Name of the lease: `landfall`.
    pub name: Text,
    /// Name of this process; no two may share one, also not a process and its restart.
    pub holder: Text,
    /// How long it lasts without renewal.
    pub ttl: Duration,
}

impl LeaseSettings {
    /// The lease `landfall` for 15 seconds, held by `host` and a random number.
    pub fn new(host: &str) -> Self {
        let holder = format!("{host}/{:08x}", fastrand::u32(..));
        Self { name: Text::from("landfall"), holder: Text::from(holder), ttl: Duration::from_secs(15) }
    }

    /// The same with another time.
    #[must_use]
    pub const fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// A third of the time: two renewals may fail.
    fn renew_every(&self) -> Duration {
        self.ttl / 3
    }

    /// How often a candidate looks.
    fn look_every(&self) -> Duration {
        (self.ttl / 10).min(Duration::from_secs(1))
    }
}

/// The task that keeps or seeks the lease.
#[derive(Debug)]
pub struct Lease {
    leadership: watch::Receiver<Leadership>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Lease {
    /// Starts seeking the lease. Needs a running Tokio runtime.
    pub fn start(store: Store, settings: LeaseSettings) -> Self {
        let (tell, leadership) = watch::channel(Leadership::Follower { leader: None });
        let stop = CancellationToken::new();
        let keeper = Keeper { store, settings, tell, conn: None, lost_contact: false, quiet_until: None };
        let task = tokio::spawn(keeper.run(stop.clone()));
        Self { leadership, stop, task }
    }

    /// Follows who leads.
    pub fn leadership(&self) -> watch::Receiver<Leadership> {
        self.leadership.clone()
    }

    /// Gives the lease back, so that another replica leads at once. Flush the writer before.
    pub async fn release(self) {
        self.stop.cancel();
        // A task that panicked holds nothing: the lease runs out by itself.
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the lease task failed");
        }
    }
}

struct Keeper {
    store: Store,
    settings: LeaseSettings,
    tell: watch::Sender<Leadership>,
    /// A connection of its own: a busy pool must not cost the lease.
    conn: Option<PgConnection>,
    lost_contact: bool,
    /// After a silence of the database: until when the holder may still come back.
    quiet_until: Option<Instant>,
}

impl Keeper {
    async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(self.turn()).await.is_some() {}
        let held = self.tell.borrow().epoch().cloned();
        if let Some(epoch) = held {
            let released = tokio::time::timeout(Duration::from_secs(2), self.release(&epoch)).await;
            if !matches!(released, Ok(Ok(true))) {
                tracing::warn!(%epoch, "the lease could not be given back; it runs out by itself");
            }
            self.tell.send_replace(Leadership::Follower { leader: None });
        }
        if let Some(conn) = self.conn.take() {
            // Ending anyway: a connection that does not close politely is closed by the server.
            drop(tokio::time::timeout(Duration::from_secs(1), conn.close()).await);
        }
    }

    /// One look at the lease, and the pause after it.
    async fn turn(&mut self) {
        let held = self.tell.borrow().epoch().cloned();
        let result = match &held {
            Some(epoch) => self.renew(epoch).await,
            None => self.seek().await,
        };
        let pause = match result {
            Ok(()) if self.tell.borrow().epoch().is_some() => self.settings.renew_every(),
            Ok(()) => self.settings.look_every(),
            Err(error) => {
                match error {
                    _ if self.lost_contact => {}
                    // As at each first start: they are made at the same time.
                    StoreError::NotMigrated(_) => tracing::info!("waiting for the tables of the database"),
                    error => tracing::warn!(%error, "the lease cannot be read"),
                }
                self.lost_contact = true;
                self.conn = None;
                self.settings.look_every()
            }
        };
        // Replicas that lost the database together do not come back in step.
        let jitter = pause.mul_f64(fastrand::f64() / 10.0);
        tokio::time::sleep(pause + jitter).await;
    }

    async fn renew(&mut self, epoch: &Epoch) -> Result<(), StoreError> {
        let (store, settings) = (self.store.clone(), self.settings.clone());
        let ttl = settings.ttl.as_secs_f64();
        let conn = self.connected().await?;
        let renew = lease::renew(conn, &settings.name, &settings.holder, ttl, epoch.number);
        if !store.measure("renew_lease", renew).await? {
            let held = store.measure("read_lease", lease::read(conn, &settings.name)).await?;
            let leader = held.map(|held| Text::from(held.holder));
            tracing::warn!(%epoch, ?leader, "another replica leads now");
            self.tell.send_replace(Leadership::Follower { leader });
        }
        self.lost_contact = false;
        Ok(())
    }

    async fn seek(&mut self) -> Result<(), StoreError> {
        let (store, settings) = (self.store.clone(), self.settings.clone());
        let ttl = settings.ttl.as_secs_f64();
        let conn = self.connected().await?;
        let held = store.measure("read_lease", lease::read(conn, &settings.name)).await?;
        if std::mem::take(&mut self.lost_contact) {
            self.quiet_until = Some(Instant::now() + settings.ttl);
        }
        let Some(held) = held else {
            let conn = self.connected().await?;
            let create = lease::create(conn, &settings.name, &settings.holder, ttl);
            if let Some(number) = store.measure("create_lease", create).await? {
                self.lead(number);
            }
            return Ok(());
        };
        let quiet = self.quiet_until.is_some_and(|until| Instant::now() < until);
        if held.released || (held.expired && !quiet) {
            let conn = self.connected().await?;
            let mut tx = conn.begin().await?;
            store.measure("lock_lease", lease::lock(&mut tx, &settings.name)).await?;
            let take = lease::take(&mut tx, &settings.name, &settings.holder, ttl, held.epoch);
            let taken = store.measure("take_lease", take).await?;
            store.measure("commit", tx.commit()).await?;
            if let Some(number) = taken {
                self.lead(number);
                return Ok(());
            }
        }
        if !held.expired {
            self.quiet_until = None;
        }
        let follower = Leadership::Follower { leader: Some(Text::from(held.holder)) };
        self.tell.send_if_modified(|now| {
            let changed = *now != follower;
            *now = follower;
            changed
        });
        Ok(())
    }

    fn lead(&mut self, number: i64) {
        let epoch = Epoch { lease: Text::clone(&self.settings.name), number };
        tracing::info!(%epoch, holder = %self.settings.holder, "this replica leads");
        self.quiet_until = None;
        self.tell.send_replace(Leadership::Leader { epoch });
    }

    async fn release(&mut self, epoch: &Epoch) -> Result<bool, StoreError> {
        let (store, settings) = (self.store.clone(), self.settings.clone());
        let conn = self.connected().await?;
        let release = lease::release(conn, &settings.name, &settings.holder, epoch.number);
        store.measure("release_lease", release).await
    }

    /// The connection, made anew where it was lost.
    async fn connected(&mut self) -> Result<&mut PgConnection, StoreError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.store.own_connection("landfall lease").await?,
        };
        Ok(self.conn.insert(conn))
    }
}
