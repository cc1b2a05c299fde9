//! Forks of the way: what disk, upstreams or an unknown value decide.
//!
//! The engine runs straight through; at a fork it asks here. After a run the last fork that has further ways
//! takes the next one and the engine runs again, until every way was gone.

use std::collections::HashMap;

/// A fork that was met on the way.
#[derive(Debug, Clone)]
pub(super) struct Fork {
    pub options: Vec<String>,
    pub taken: usize,
}

#[derive(Debug, Default)]
pub(super) struct Choices {
    script: Vec<usize>,
    pub path: Vec<Fork>,
    memo: HashMap<String, usize>,
}

impl Choices {
    /// Which of the options is taken on this run; the same key gives the same answer within a run.
    pub fn choose(&mut self, key: &str, options: &[String]) -> usize {
        if let Some(taken) = self.memo.get(key) {
            return *taken;
        }
        let taken = self.script.get(self.path.len()).copied().unwrap_or(0);
        self.path.push(Fork { options: options.to_vec(), taken });
        self.memo.insert(key.to_owned(), taken);
        taken
    }

    /// What was already decided on this run.
    pub fn decided(&self, key: &str) -> Option<usize> {
        self.memo.get(key).copied()
    }

    /// Sets up the next run; false when every way was gone. Gives back the forks of the run that ended.
    pub fn next(&mut self) -> (bool, Vec<Fork>) {
        let path = std::mem::take(&mut self.path);
        self.memo.clear();
        let mut script: Vec<usize> = path.iter().map(|fork| fork.taken).collect();
        while let Some(last) = script.pop() {
            if last + 1 < path[script.len()].options.len() {
                script.push(last + 1);
                self.script = script;
                return (true, path);
            }
        }
        (false, path)
    }
}
