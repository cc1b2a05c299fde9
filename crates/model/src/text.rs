//! Shared strings. A fleet repeats the same names tens of thousands of times; each is kept once.

use std::{collections::HashSet, sync::Arc};

/// An immutable shared string.
pub type Text = Arc<str>;

/// Hands out one [`Text`] per distinct string.
#[derive(Debug, Default)]
pub struct Interner {
    known: HashSet<Text>,
}

impl Interner {
    /// The shared copy of `s`.
    pub fn intern(&mut self, s: &str) -> Text {
        if let Some(known) = self.known.get(s) {
            return Arc::clone(known);
        }
        let text: Text = Arc::from(s);
        self.known.insert(Arc::clone(&text));
        text
    }

    /// Forgets strings that nobody else holds; call it after a relist.
    pub fn sweep(&mut self) {
        self.known.retain(|text| Arc::strong_count(text) > 1);
        self.known.shrink_to_fit();
    }

    /// How many distinct strings are held.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}
