//! Following: show what the leader wrote, through the same index.

use std::time::Duration;

use landfall_model::{Text, index::Index, observe::Version};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{End, Engine, Role, pace::Pace, pause, turned};
use crate::store::{Followed, Leadership, Tail, WriterStatus};

/// Between tries while the database is away.
const RETRY: Duration = Duration::from_secs(1);

impl Engine {
    /// Follows until this replica leads, or the process ends.
    pub(super) async fn follow(
        &self,
        leader: Option<Text>,
        leadership: &mut watch::Receiver<Leadership>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<End> {
        let (stored, seq) = match self.store.load().await {
            Ok(loaded) => loaded,
            Err(error) => return self.detached(error, leadership, shutdown).await,
        };
        tracing::info!(
            leader = leader.as_deref().unwrap_or("unknown"),
            objects = stored.observations.len(),
            "following"
        );
        let sources = stored.sources.clone();
        let mut index = self.index(stored)?;
        for source in sources {
            index.follow_source(source);
        }
        self.publisher.tell(|s| {
            s.role = Role::Follower;
            s.leader.clone_from(&leader);
        });
        // What a former tenure could not write is its successor's now: nothing waits here.
        self.publisher.writes(WriterStatus::default());
        let mut tail = Tail::new(self.store.clone(), seq);
        let mut pace = Pace::new();
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(End::Shutdown),
                () = turned(leadership, None) => return Ok(End::Turn),
                () = tokio::time::sleep_until(pace.due()) => {
                    self.step(&mut index, &mut pace);
                    let leader = match &*leadership.borrow() {
                        Leadership::Follower { leader } => leader.clone(),
                        Leadership::Leader { .. } => None,
                    };
                    self.publisher.tell(|s| s.leader = leader);
                }
                news = tail.next() => match news {
                    Ok(followed) if followed.reload => return Ok(End::Turn),
                    Ok(followed) => {
                        take(&mut index, followed);
                        pace.stir();
                    }
                    Err(error) => {
                        // The view goes on growing old, and says so.
                        tracing::warn!(%error, "cannot follow the leader");
                        self.step(&mut index, &mut pace);
                        pause(RETRY, shutdown).await;
                    }
                },
            }
        }
    }
}

fn take(index: &mut Index, followed: Followed) {
    for observation in followed.upserts {
        index.apply(observation);
    }
    for (scope, name) in followed.deletes {
        // The leader decided: whatever version it had, it is gone.
        index.delete(&scope, &name, Version::default());
    }
    for source in followed.sources {
        index.follow_source(source);
    }
    for finding in followed.findings {
        index.follow_finding(finding);
    }
}
