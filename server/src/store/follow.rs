//! Following: what the leader wrote since, told within a second at most.

use std::time::Duration;

use futures::TryStreamExt as _;
use landfall_model::{
    Interner,
    index::FindingRow,
    observe::{ObjectName, Observation, Scope},
    view::SourceView,
};
use sqlx::{Connection as _, PgConnection, postgres::PgListener};

use super::{
    CHANNEL, Store, StoreError, rows,
    statement::{finding, head, observation, source},
};

/// `NOTIFY` only says "look now"; this looks anyway.
const POLL: Duration = Duration::from_secs(1);

/// What changed since a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// Follow from here next.
    pub seq: i64,
    /// Revision of the leader's view at that number.
    pub revision: u64,
    /// What was asked for lies too far back: load everything anew.
    pub reload: bool,
    /// New or different objects, in the order of writing.
    pub upserts: Vec<Observation>,
    pub deletes: Vec<(Scope, ObjectName)>,
    pub sources: Vec<SourceView>,
    pub findings: Vec<FindingRow>,
}

impl Store {
    /// Everything written after `seq`, as it is now; `None` where nothing was. Reads one consistent moment.
    pub async fn follow(&self, seq: i64) -> Result<Option<Followed>, StoreError> {
        let mut conn = self.reader().await?;
        let mut tx = self
            .measure("begin_read", conn.begin_with("begin isolation level repeatable read read only"))
            .await?;
        let head = self.measure("read_head", head::read_head(&mut tx)).await?;
        if head.seq == seq {
            return Ok(None);
        }
        let revision = u64::try_from(head.revision).unwrap_or_default();
        let mut followed = Followed { seq: head.seq, revision, ..Followed::default() };
        // Tombstones that were purged, or a database that was restored from a backup.
        if seq < head.purged_seq || seq > head.seq {
            followed.reload = true;
            return Ok(Some(followed));
        }
        self.measure("follow_observations", self.follow_observations(&mut tx, seq, &mut followed)).await?;
        let sources = self.measure("follow_sources", source::since(&mut tx, seq)).await?;
        let findings = self.measure("follow_findings", finding::since(&mut tx, seq)).await?;
        self.measure("commit", tx.commit()).await?;
        followed.sources = sources.iter().filter_map(|row| self.kept(rows::source(row))).collect();
        followed.findings = findings.iter().filter_map(|row| self.kept(rows::finding(row))).collect();
        Ok(Some(followed))
    }

    async fn follow_observations(
        &self,
        tx: &mut PgConnection,
        seq: i64,
        into: &mut Followed,
    ) -> Result<(), StoreError> {
        let mut interner = Interner::default();
        let mut stream = observation::since(tx, seq);
        while let Some(row) = stream.try_next().await? {
            match self.object(&row, &mut interner) {
                Some(rows::Object::Living(observation)) => into.upserts.push(observation),
                Some(rows::Object::Gone(scope, name)) => into.deletes.push((scope, name)),
                None => {}
            }
        }
        Ok(())
    }
}

/// Waits for news. Lives as long as a replica follows.
#[derive(Debug)]
pub struct Tail {
    store: Store,
    seq: i64,
    listener: Option<PgListener>,
}

impl Tail {
    /// Follows from `seq` on, the number that [`Store::load`] gave.
    pub const fn new(store: Store, seq: i64) -> Self {
        Self { store, seq, listener: None }
    }

    /// The number reached.
    pub const fn seq(&self) -> i64 {
        self.seq
    }

    /// The next news; returns when there are some. After [`Followed::reload`] load anew and make a new tail.
    /// An error means that the database is away: call again after a pause. Safe to drop while it waits.
    pub async fn next(&mut self) -> Result<Followed, StoreError> {
        loop {
            if let Some(followed) = self.store.follow(self.seq).await? {
                self.seq = followed.seq;
                return Ok(followed);
            }
            self.wait().await;
        }
    }

    async fn wait(&mut self) {
        let listener = match &mut self.listener {
            Some(listener) => listener,
            none => match listen(&self.store, CHANNEL).await {
                Ok(listener) => none.insert(listener),
                Err(error) => {
                    tracing::debug!(%error, "cannot listen; polling goes on");
                    tokio::time::sleep(POLL).await;
                    return;
                }
            },
        };
        match tokio::time::timeout(POLL, listener.try_recv()).await {
            Ok(Ok(Some(_))) => while listener.next_buffered().is_some() {},
            Err(_) => {}
            Ok(Ok(None) | Err(_)) => {
                self.listener = None;
                tokio::time::sleep(POLL / 4).await;
            }
        }
    }
}

/// A connection that hears what is notified on `channel`.
pub(super) async fn listen(store: &Store, channel: &str) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect_with(&store.inner.read).await?;
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}
