//! The pages, one folder each. Every one is a function from its data and the [`Shell`](crate::data::Shell) to a document.

mod api;
mod board;
mod docs;
mod error;
mod findings;
mod history;
mod images;
mod previews;
mod pull;
mod search;
mod service;
mod sources;
mod views;

pub use api::api;
pub use board::board;
pub use docs::{document, keyboard};
pub use error::{failure, not_found};
pub use findings::findings;
pub use history::history;
pub use images::{images, repository};
pub use previews::previews;
pub use pull::pull;
pub use search::search;
pub use service::service;
pub use sources::sources;
pub use views::views;
