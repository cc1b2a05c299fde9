//! Names as numbers, so that filters and counts compare no text.

use std::{collections::HashMap, sync::Arc};

use super::NOWHERE;
use crate::text::Text;

/// Names as numbers.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub all: Vec<Text>,
    numbers: HashMap<Text, u32>,
    /// The last numbers given, by address: a fleet repeats few shared strings, which need no hashing then.
    recent: [Option<(usize, u32)>; 32],
}

impl Names {
    pub(super) fn number(&mut self, name: &Text) -> u32 {
        let address = Arc::as_ptr(name).cast::<u8>().addr();
        let slot = (address >> 5) % self.recent.len();
        if let Some((known, number)) = self.recent[slot]
            && known == address
            // The address of an empty or freed string may be another's by now.
            && Arc::ptr_eq(&self.all[number as usize], name)
        {
            return number;
        }
        let number = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = u32::try_from(self.all.len()).unwrap_or(NOWHERE);
            self.all.push(Arc::clone(name));
            self.numbers.insert(Arc::clone(name), number);
            number
        });
        self.recent[slot] = Some((address, number));
        number
    }

    /// The number of a known name.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Place of each name in their alphabetical order, by number.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut by_name: Vec<u32> = (0..).take(self.all.len()).collect();
        by_name.sort_unstable_by(|a, b| self.all[*a as usize].cmp(&self.all[*b as usize]));
        let mut ranks = vec![0; by_name.len()];
        for (rank, number) in (0..).zip(by_name) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}
