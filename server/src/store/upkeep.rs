//! Small writes beside the batches: signs of life, the beginning of a month.

use jiff::{Span, Timestamp};
use jiff_sqlx::ToSqlx as _;
use landfall_model::Text;
use sqlx::Connection as _;

use super::{
    Epoch, Store, StoreError,
    commit::Admitted,
    statement::{partition, source},
    text::{clean, month_of, start_of},
};

impl Store {
    /// Says that sources proved to be alive, without a change of their state. Followers learn of it like of
    /// any commit; call it every few seconds, not for every bookmark.
    pub async fn touch_sources(&self, epoch: &Epoch, alive: &[(Text, Timestamp)]) -> Result<(), StoreError> {
        if alive.is_empty() {
            return Ok(());
        }
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        let Admitted { head, .. } = self.admit(&mut tx, epoch).await?;
        let name: Vec<_> = alive.iter().map(|(name, _)| clean(name).into_owned()).collect();
        let at: Vec<_> = alive.iter().map(|(_, at)| at.to_sqlx()).collect();
        let seq = head.seq + 1;
        if self.measure("touch_sources", source::touch(&mut tx, &name, &at, seq)).await? > 0 {
            self.finish(&mut tx, seq, head.at, head.revision, head.last_batch.unwrap_or_default()).await?;
            self.measure("commit", tx.commit()).await?;
        }
        Ok(())
    }

    /// Makes the partitions of this month and the next, and this month's keyframes. Call it when leading
    /// begins and once a day: then no commit has to do it on the way.
    pub async fn begin_month(&self, epoch: &Epoch) -> Result<(), StoreError> {
        let mut conn = self.own_connection("landfall upkeep").await?;
        let mut tx = conn.begin().await?;
        let Admitted { clock, .. } = self.admit(&mut tx, epoch).await?;
        let next = start_of(month_of(clock).saturating_add(Span::new().months(1)));
        for moment in [clock, next] {
            self.measure("add_month", partition::add_month(&mut tx, moment)).await?;
        }
        self.write_keyframes(&mut tx, clock).await?;
        self.measure("commit", tx.commit()).await?;
        self.remember_months([clock, next]);
        Ok(())
    }
}
