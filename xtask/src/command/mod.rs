//! One module per command.

pub mod bench;
pub mod demo;
pub mod dev;
pub mod e2e;
pub mod faults;
pub mod fuzz_nginx;
pub mod lint;
pub mod package;
pub mod site;
pub mod sqlx_prepare;
pub mod test;
