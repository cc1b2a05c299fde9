//! From JSON text to observations.
