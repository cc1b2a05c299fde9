//! Located errors: every mistake of a configuration, with where it is and what was expected.

use std::fmt;

use serde::Serialize;

/// One mistake, printed as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigError {
    /// The file as nginx would name it (with a dump: the original file).
    pub file: String,
    /// 1-based line; 0 when the mistake has no place in the file (for example a file that is missing).
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.message)
        } else {
            write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
        }
    }
}

impl std::error::Error for ConfigError {}

/// All mistakes of one input; never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
