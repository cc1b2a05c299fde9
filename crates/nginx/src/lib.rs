//! Reads nginx configurations, says where a request goes, and reads access logs.
//!
//! - [`syntax`]: the text, its words and blocks, each with file, line and column; includes resolved.
//! - [`config`]: what the directives mean for routing, and the mistakes for which nginx refuses to start.
//! - [`route`]: where one request goes: *certain*, *conditional* or *unknown*, and why.
//! - [`logs`]: access logs, read by the configuration's own formats and routed line by line.

pub mod config;
pub mod error;
pub mod logs;
pub mod pattern;
pub mod route;
pub mod syntax;
