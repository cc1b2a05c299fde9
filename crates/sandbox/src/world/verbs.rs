//! The story's verbs, by service and environment.

use super::{Plan, World};
use crate::story::{Action, NoSuchUnit};

impl World {
    /// Does something to a service of the story in one of its environments: `production`, `staging`, `pr-482`.
    pub fn act(&self, service: &str, environment: &str, action: Action) -> Result<(), NoSuchUnit> {
        let now = self.0.clock.now();
        match &mut *self.plan() {
            Plan::Story(story) => story.act(now, service, environment, action),
            Plan::Still | Plan::Big(_) => {
                Err(NoSuchUnit { service: service.to_owned(), environment: environment.to_owned() })
            }
        }
    }

    /// Git gets a new tag, and it is rolled out.
    pub fn deploy(&self, service: &str, environment: &str, tag: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Deploy { tag: tag.to_owned() })
    }

    /// Somebody edits the live workload: its image, or without a tag its replicas.
    pub fn drift(&self, service: &str, environment: &str, tag: Option<&str>) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Drift { tag: tag.map(str::to_owned) })
    }

    /// A sync fails, and is tried five times more over five minutes.
    pub fn fail_sync(&self, service: &str, environment: &str, message: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::FailSync { message: message.to_owned() })
    }

    /// Git asks for so many pods, and gets them.
    pub fn scale(&self, service: &str, environment: &str, replicas: u32) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Scale { replicas })
    }

    /// Somebody rolls back to the image before.
    pub fn rollback(&self, service: &str, environment: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Rollback)
    }

    /// The Application is deleted with all its objects.
    pub fn delete_app(&self, service: &str, environment: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Delete)
    }

    /// A pod crashes and recovers after so many seconds.
    pub fn crash_pod(&self, service: &str, environment: &str, seconds: i64) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::CrashPod { seconds })
    }
}
