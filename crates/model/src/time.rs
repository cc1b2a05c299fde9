//! Moments in query strings.
