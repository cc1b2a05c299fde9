//! What the browser and other programs see: pages, `/api/v1`, live events, health, metrics.
//!
//! ```text
//!  TcpListener -> listen (timeouts, caps) -> routes (one table, a rule each) -> guard (host, origin, headers, panics)
//!                                               |-> pages (through cache: compressed bytes)
//!                                               |-> api, docs, badge, card, assets, health, metrics
//!                                               '-> events (one stream per tab; ends first at shutdown)
//! ```
//!
//! Live answers come from the snapshot in memory; only history and the past ask the database, through [`history`].

pub mod api;
pub mod assets;
pub mod badge;
mod busy;
pub mod cache;
pub mod card;
pub mod docs;
pub mod events;
pub mod guard;
pub mod health;
pub mod history;
pub mod listen;
pub mod metrics;
pub mod pages;
mod policies;
pub mod problem;
pub mod respond;
pub mod routes;
pub mod state;
mod webhook;

pub use listen::{Limits, serve};
pub use problem::Problem;
pub use routes::{Form, Page, Pages, router};
pub use state::{AppState, Parts, WebSettings};
