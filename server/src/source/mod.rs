//! Sources that are asked again and again, or that push: what cannot be watched.

pub mod registry;
