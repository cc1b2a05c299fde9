//! Writes beside the batches: the beginning of a month.

use jiff::Span;
use sqlx::Connection as _;

use super::{
    Epoch, Store, StoreError,
    commit::Admitted,
    statement::partition,
    text::{month_of, start_of},
};

impl Store {
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
