//! Asking the leader to look at repositories soon. It only says "look now": nothing is stored, and what gets lost is seen
//! by the next regular look.

use sqlx::{Connection as _, postgres::PgListener};

use super::{Store, StoreError, follow::listen, statement::head};
use crate::hook::Ask;

/// The channel of `NOTIFY`; its payload is an [`Ask`] as JSON.
const CHANNEL: &str = "landfall_look";
/// Bytes of a payload, of 8,000 that Postgres takes.
const LARGEST: usize = 7_900;

impl Store {
    /// Tells the leader, whichever replica that is.
    pub async fn ask_to_look(&self, asks: &[Ask]) -> Result<(), StoreError> {
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        for ask in asks {
            let payload = serde_json::to_string(ask).unwrap_or_default();
            if (1..=LARGEST).contains(&payload.len()) {
                self.measure("ask_to_look", head::notify(&mut tx, CHANNEL, &payload)).await?;
            }
        }
        self.measure("commit", tx.commit()).await
    }

    /// Listens to what replicas ask for from now on.
    pub async fn asked_to_look(&self) -> Result<LookListener, StoreError> {
        Ok(LookListener(listen(self, CHANNEL).await?))
    }
}

/// Hears what replicas ask for.
#[derive(Debug)]
pub struct LookListener(PgListener);

impl LookListener {
    /// The next one; `None` where the connection has broken.
    pub async fn next(&mut self) -> Option<Ask> {
        loop {
            let notification = self.0.try_recv().await.ok().flatten()?;
            match serde_json::from_str(notification.payload()) {
                Ok(ask) => return Some(ask),
                Err(error) => tracing::warn!(%error, "what another replica asks for cannot be read"),
            }
        }
    }
}
