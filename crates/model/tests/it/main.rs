//! Tests of the model through its public face.

mod mapping;
mod order;
mod reduce;
mod expected;
mod findings;
mod restart;
mod world;
