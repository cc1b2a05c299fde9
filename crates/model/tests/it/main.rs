//! Tests of the model through its public face.

mod branches;
mod expected;
mod findings;
mod findings_images;
mod mapping;
mod order;
mod polled;
mod pulls;
mod reduce;
mod restart;
mod rollouts;
mod stored;
mod updater;
mod updater_rule;
mod updater_settings;
mod updater_trap;
mod world;
