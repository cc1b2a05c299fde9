//! From an Application to its service and environment.
