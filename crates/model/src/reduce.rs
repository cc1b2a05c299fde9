//! From an object's JSON text to an [`Observation`].
//!
//! ```text
//!  text --typed structs that declare only what is needed--> wire type of the kind --> Body
//!    '--does not decode--> metadata alone --> Body::Unreadable { field, why }
//!                                '--no name either--> Nameless
//! ```
//!
//! Pure, and forgiving where it may be: what only adds to the picture counts as absent when it has a wrong type
//! (see `lax`). What decides a state or an identity does not: such an object becomes unreadable, under its name.
//! Everything is cut to a length that a page can show; NUL becomes U+FFFD, since PostgreSQL stores none.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    observe::{Body, Observation, Scope, Unreadable, Version},
    text::{Interner, Text},
    words::Kind,
};

mod app_project;
mod application;
mod application_set;
mod condition;
mod entry;
mod event;
mod failure;
mod image_updater;
mod lax;
mod meta;
mod namespace;
mod pod;
mod recover;
mod replica_set;
mod source;
mod strings;
mod template;
mod url;
mod workload;

pub(crate) use meta::CHANGE_REQUEST;
pub use meta::{LONGEST_NAME, Meta, is_too_long};
pub use url::safe_url;

use strings::Strings;

/// An object that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    /// Who it is, as written.
    pub meta: Meta,
    /// `None` for an object that tells nothing any page shows (most Events): it counts as read and is not kept.
    pub observation: Option<Observation>,
    /// Values of an unexpected type that were left out because the object makes sense without them.
    pub left_out: u32,
}

/// An object that does not even say its name. The caller counts it; there is nothing to show it under.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("a {kind} that does not say its name: {}{}{why}", .field, if .field.is_empty() { "" } else { ": " })]
pub struct Nameless {
    pub kind: Kind,
    /// Path of the offending field where known, else empty.
    pub field: Text,
    /// What is wrong, without values from the object.
    pub why: Text,
}

/// Reduces one object of `kind`, as JSON `text`, that the source `scope_source` (`cluster/prod`) showed.
///
/// `noticed_at` is the time at which the collector received it; `epoch` the store's generation (see [`Version`]).
///
/// # Errors
///
/// [`Nameless`] if not even `metadata.name` can be read.
pub fn reduce(
    kind: Kind,
    scope_source: &str,
    text: &str,
    epoch: u32,
    noticed_at: Timestamp,
    strings: &mut Interner,
) -> Result<Reduced, Nameless> {
    let mut strings = Strings(strings);
    let (meta, body, left_out) = match body(kind, text, &mut strings) {
        Ok((meta, body)) => (meta, body, lax::take_left_out()),
        Err(broken) => match recover::recover(text) {
            Some(meta) => (meta, Some(Body::Unreadable(Arc::new(broken))), 0),
            None => return Err(Nameless { kind, field: broken.field, why: broken.why }),
        },
    };
    let observation = body.map(|mut body| {
        body.shrink();
        Observation {
            scope: Scope { source: strings.shared(scope_source), kind },
            name: meta.object_name(&mut strings),
            uid: strings.unique(&meta.uid),
            version: Version { epoch, resource: meta.resource_version },
            noticed_at,
            body,
        }
    });
    Ok(Reduced { meta, observation, left_out })
}

/// Reads only who an object is; `None` where that is not certain. Works on objects whose rest is broken.
pub fn meta(text: &str) -> Option<Meta> {
    recover::recover(text)
}

type Read = Result<(Meta, Option<Body>), Unreadable>;

fn body(kind: Kind, text: &str, strings: &mut Strings<'_>) -> Read {
    match kind {
        Kind::Application => read::<application::Wire<'_>>(kind, text, strings),
        Kind::ApplicationSet => read::<application_set::Wire<'_>>(kind, text, strings),
        Kind::AppProject => read::<app_project::Wire<'_>>(kind, text, strings),
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::CronJob
        | Kind::Job
        | Kind::Rollout => read::<workload::Wire<'_>>(kind, text, strings),
        Kind::ReplicaSet => read::<replica_set::Wire<'_>>(kind, text, strings),
        Kind::Pod => read::<pod::Wire<'_>>(kind, text, strings),
        Kind::Namespace => read::<namespace::Wire<'_>>(kind, text, strings),
        Kind::Service | Kind::Ingress | Kind::HttpRoute | Kind::Gateway => {
            read::<entry::Wire<'_>>(kind, text, strings)
        }
        Kind::ImageUpdater => read::<image_updater::Wire<'_>>(kind, text, strings),
        Kind::Event => read::<event::Wire<'_>>(kind, text, strings),
        // Put together from what registries and forges say, never read as an object.
        Kind::Repository | Kind::Pull | Kind::Branch => {
            Err(Unreadable { field: Text::from(""), why: Text::from("no object of Kubernetes") })
        }
    }
}

/// The typed form of a kind's JSON.
trait Wire<'a>: Deserialize<'a> {
    /// Who it is.
    fn meta(&self) -> Meta;
    /// The reduced object; `None` if it is of no interest.
    ///
    /// # Errors
    ///
    /// A value that decodes but makes no sense where sense is needed.
    fn body(self, kind: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable>;
}

fn read<'a, W: Wire<'a>>(kind: Kind, text: &'a str, strings: &mut Strings<'_>) -> Read {
    let wire: W = failure::decode(text)?;
    let meta = wire.meta();
    if meta.name.is_empty() {
        return Err(failure::unreadable("metadata.name", "is empty"));
    }
    if let Some(field) = meta.cut {
        return Err(failure::unreadable(
            field,
            "is longer than 253 characters, which is what Kubernetes allows",
        ));
    }
    Ok((meta, wire.body(kind, strings)?))
}
