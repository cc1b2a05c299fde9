//! The last known view: what a start puts into the index before any source answers.

use futures::TryStreamExt as _;
use jiff::Timestamp;
use landfall_model::{
    Interner,
    index::Stored,
    observe::Observation,
    view::{Environment, Pull, SourceView},
};
use sqlx::{Connection as _, PgConnection};

use super::{
    Store, StoreError,
    commit::BEGINNING,
    rows,
    statement::{finding, frame, head, observation, partition, source},
    text::{month_of, read, start_of},
};

impl Store {
    /// Everything that the index needs to go on where it was, with the number to follow from.
    ///
    /// Reads one consistent moment. A row that cannot be read (written by a newer version, say) is counted and left out;
    /// an object stays as unreadable: its source tells it again.
    pub async fn load(&self) -> Result<(Stored, i64), StoreError> {
        self.read_stored(true).await
    }

    /// The same without the objects: enough to show the last known view, in a small part of the time.
    pub async fn last_known(&self) -> Result<Stored, StoreError> {
        Ok(self.read_stored(false).await?.0)
    }

    async fn read_stored(&self, objects: bool) -> Result<(Stored, i64), StoreError> {
        let mut conn = self.reader().await?;
        let mut tx = self
            .measure("begin_read", conn.begin_with("begin isolation level repeatable read read only"))
            .await?;
        // Some seconds for 75,000 objects on a slow disk; nobody waits for it but the start.
        self.measure("allow_time", partition::allow_time(&mut tx)).await?;
        let head = self.measure("read_head", head::read_head(&mut tx)).await?;
        let observations = if objects {
            self.measure("load_observations", self.load_observations(&mut tx)).await?
        } else {
            Vec::new()
        };
        let environments = self.load_environments(&mut tx).await?;
        let pulls = self.load_pulls(&mut tx).await?;
        let findings = self.measure("load_findings", finding::going_on(&mut tx)).await?;
        let sources = self.measure("load_sources", source::since(&mut tx, 0)).await?;
        self.measure("commit", tx.commit()).await?;
        let findings = findings.iter().filter_map(|row| self.kept(rows::finding(row))).collect();
        let mut sources: Vec<SourceView> =
            sources.iter().filter_map(|row| self.kept(rows::source(row))).collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let revision = u64::try_from(head.revision).unwrap_or_default();
        Ok((Stored { observations, environments, pulls, findings, sources, revision }, head.seq))
    }

    async fn load_environments(&self, tx: &mut PgConnection) -> Result<Vec<Environment>, StoreError> {
        let now = self.measure("clock", partition::clock(tx)).await?;
        let month = start_of(month_of(now));
        // The newest keyed month holds the last frame of all that lives.
        let Some(from) = self.measure("keyed_month", frame::keyed_month(tx, month)).await? else {
            return Ok(Vec::new());
        };
        self.measure("load_environments", self.environments(tx, now, from)).await
    }

    async fn load_pulls(&self, tx: &mut PgConnection) -> Result<Vec<Pull>, StoreError> {
        let now = self.measure("clock", partition::clock(tx)).await?;
        let month = start_of(month_of(now));
        let from = self.measure("keyed_month", frame::keyed_month(tx, month)).await?;
        self.measure("load_pulls", self.pulls_as_of(tx, now, from.unwrap_or(BEGINNING))).await
    }

    /// Each environment as it was at `at`. One is read while the database prepares the next: with ten thousand of them
    /// that is most of the time until the last known view is there.
    pub(super) async fn environments(
        &self,
        tx: &mut PgConnection,
        at: Timestamp,
        from: Timestamp,
    ) -> Result<Vec<Environment>, StoreError> {
        let mut environments = Vec::new();
        let mut views = frame::as_of(tx, at, from);
        while let Some(view) = views.try_next().await? {
            environments.extend(self.kept(read("environment", &view)));
        }
        Ok(environments)
    }

    async fn load_observations(&self, tx: &mut PgConnection) -> Result<Vec<Observation>, StoreError> {
        let mut interner = Interner::default();
        let mut observations = Vec::new();
        let mut stream = observation::all(tx);
        while let Some(row) = stream.try_next().await? {
            if let Some(rows::Object::Living(observation)) = self.object(&row, &mut interner) {
                observations.push(observation);
            }
        }
        Ok(observations)
    }

    /// A stored object; one that does not read keeps its place as unreadable, with a version that anything its source
    /// says is newer than: so it is told again, or found to be gone. `None` for a kind that is not known here.
    pub(super) fn object(&self, row: &observation::Row, interner: &mut Interner) -> Option<rows::Object> {
        match rows::object(row, interner) {
            Ok(object) => Some(object),
            Err(error) => {
                self.cannot_read(&error);
                rows::unreadable_object(row, interner).map(rows::Object::Living)
            }
        }
    }
}
