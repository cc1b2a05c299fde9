//! Tests of the model through its public face.

mod order;
mod expected;
mod findings;
mod restart;
mod world;
