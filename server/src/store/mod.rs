//! Postgres: the present as last seen, the past, and who may write.
//!
//! ```text
//!  engine --Step--> Writer (bounded spool) --Batch--> commit: one transaction, fenced by the lease's epoch
//!                                                       |  transitions, observations, frames, sources, findings
//!                                                       '- NOTIFY landfall, seq  --> Tail of each follower
//!  start  <-- load        history page <-- history        ?at= <-- as_of        nightly <-- retain
//! ```
//!
//! * Every statement is one function in [`statement`], measured under its own name.
//! * One row, `head`, numbers all commits; its lock puts them in one order, so `seq > n` misses nothing.
//! * Nothing here knows the engine: it takes [`Batch`]es and gives back the model's types.

mod backfill;
mod batch;
mod check;
mod commit;
mod cursor;
mod error;
mod follow;
mod found;
mod history;
mod indexes;
mod layers;
mod lease;
mod load;
mod looks;
mod measure;
mod past;
mod pending;
mod pulls;
mod repository;
mod retention;
mod rows;
mod settings;
mod sightings;
mod statement;
mod status;
mod text;
mod upkeep;
mod writer;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, civil};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use self::text::month_of;
pub use self::{
    backfill::{Backfilled, Past},
    batch::{Batch, FindingChange, Frame, Gap, ObjectChange, PullFrame, SourceChange, Words},
    check::{Check, Pending},
    commit::Committed,
    cursor::{BadCursor, Cursor},
    error::StoreError,
    follow::{Followed, Tail},
    found::{Found, FoundPage, How, ImageDetails, Newest, Part, SeenAs},
    history::{Bucket, ClosedFindings, HistoryQuery, KindCount, Page},
    layers::KeptLayer,
    lease::{Epoch, Leadership, Lease, LeaseSettings},
    looks::LookListener,
    measure::{Meter, Unmetered},
    past::PastView,
    pulls::{PastPull, PreviewWeek, UsualStep},
    repository::Matters,
    retention::{Retained, Retention},
    settings::DatabaseSettings,
    sightings::{Look, Looked, Sighting, Sightings},
    status::{WriterState, WriterStatus},
    writer::{SPOOL_LIMIT, Writer},
};

/// The migrations, compiled in.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// The channel of `NOTIFY`; its payload is the newest sequence number.
pub const CHANNEL: &str = "landfall";

/// How long a request waits for a connection before it gives up.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections kept for the writer alone, so that a rush of readers cannot hold it up: a commit, a heartbeat.
const WRITE_CONNECTIONS: u32 = 2;
/// One that waits for notifications.
const LISTEN_CONNECTIONS: u32 = 1;
/// A connection is replaced after this time, so that a moved database is found again.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// Limits that the database itself keeps, so that they hold for a paused process too: a leader that was
/// stopped inside a transaction must not hold its row locks against its successor.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("timezone", "UTC"),
];

/// A handle to the database. Cheap to clone; connects when first used, so it can be made while the database
/// is away.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    read: PgPool,
    write: PgPool,
    options: PgConnectOptions,
    migrate: PgConnectOptions,
    meter: Arc<dyn Meter>,
    /// Months whose partitions are known to be there.
    months: Mutex<BTreeSet<civil::Date>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("host", &self.inner.options.get_host()).finish_non_exhaustive()
    }
}

impl Store {
    /// Reads the settings; the first connection is made by the first statement. Needs a running Tokio
    /// runtime.
    ///
    /// Fails only where a URL cannot be read; the error never holds the URL.
    pub fn connect(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let migrate = settings.migrate_options()?;
        Ok(Self::build(settings.options()?, migrate, settings.max_connections, Arc::new(Unmetered)))
    }

    /// A store on these options, for tests and tools that have no URL.
    pub fn with_options(options: PgConnectOptions, max_connections: u32) -> Self {
        Self::build(options.clone(), options, max_connections, Arc::new(Unmetered))
    }

    /// The same store with each statement's time told to `meter`.
    #[must_use]
    pub fn metered(&self, meter: Arc<dyn Meter>) -> Self {
        let inner = &self.inner;
        Self {
            inner: Arc::new(Inner {
                read: inner.read.clone(),
                write: inner.write.clone(),
                options: inner.options.clone(),
                migrate: inner.migrate.clone(),
                meter,
                months: Mutex::default(),
            }),
        }
    }

    fn build(
        options: PgConnectOptions,
        migrate: PgConnectOptions,
        max_connections: u32,
        meter: Arc<dyn Meter>,
    ) -> Self {
        // A refused query is an answer that the caller logs once, with its context.
        let options = options.options(SESSION).log_statements(tracing::log::LevelFilter::Trace);
        let pool = |max| {
            PgPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .max_lifetime(MAX_LIFETIME)
                .idle_timeout(Duration::from_mins(5))
        };
        // Filters are written as `$n is null or …`: only a plan made for the values at hand leaves out what
        // is null.
        let reading = options
            .clone()
            .application_name("landfall read")
            .options([("plan_cache_mode", "force_custom_plan")]);
        let writing = options.clone().application_name("landfall write");
        Self {
            inner: Arc::new(Inner {
                read: pool(max_connections.max(1) + LISTEN_CONNECTIONS).connect_lazy_with(reading),
                write: pool(WRITE_CONNECTIONS).connect_lazy_with(writing),
                options,
                migrate: migrate.application_name("landfall migrate"),
                meter,
                months: Mutex::default(),
            }),
        }
    }

    /// Applies the migrations that are missing, in order, each in its own transaction.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // No statement_timeout here: filling a new column may take its time. Each migration limits its
        // waiting for locks itself.
        let mut conn = PgConnection::connect_with(&self.inner.migrate).await?;
        self.measure("migrate", async {
            MIGRATOR.run_direct(None, &mut conn, false).await.map_err(StoreError::from)
        })
        .await?;
        // The answers are the same without: a database that cannot make them now is no reason to stand still.
        if let Err(error) = self.measure("make_indexes", indexes::make(&mut conn)).await {
            tracing::warn!(%error, "an index could not be made; searches are slower until the next start");
        }
        conn.close().await?;
        Ok(())
    }

    /// Closes all connections; statements under way end first.
    pub async fn close(&self) {
        self.inner.read.close().await;
        self.inner.write.close().await;
    }

    /// Connections held and idle, for the metrics: (reading, idle of them, writing).
    pub fn connections(&self) -> (u32, usize, u32) {
        (self.inner.read.size(), self.inner.read.num_idle(), self.inner.write.size())
    }

    async fn reader(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        Ok(self.inner.read.acquire().await?)
    }

    async fn writer(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        Ok(self.inner.write.acquire().await?)
    }

    /// A connection of its own, outside the pools; closed when it is dropped.
    async fn own_connection(&self, name: &str) -> Result<PgConnection, StoreError> {
        let options = self.inner.options.clone().application_name(name);
        // A host that does not answer must not hold the lease's clock for minutes.
        match tokio::time::timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(&options)).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(StoreError::Unavailable("no answer within 2 s".into())),
        }
    }

    /// Makes the partitions of these moments, asking the database once for each month.
    async fn add_months(
        &self,
        conn: &mut PgConnection,
        moments: impl IntoIterator<Item = Timestamp>,
    ) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<_> = moments.into_iter().map(month_of).collect();
        {
            let known = self.inner.months.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.retain(|month| !known.contains(month));
        }
        for month in wanted {
            let start = text::start_of(month);
            self.measure("add_month", statement::partition::add_month(conn, start)).await?;
        }
        Ok(())
    }

    fn forget_months(&self) {
        self.inner.months.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Remembers months after the transaction that made them was committed.
    fn remember_months(&self, moments: impl IntoIterator<Item = Timestamp>) {
        let mut known = self.inner.months.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(moments.into_iter().map(month_of));
    }
}
