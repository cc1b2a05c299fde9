//! Secrets that the configuration points to and never holds.

use std::path::PathBuf;

use landfall_model::{phrase::Said, said};
use secrecy::SecretString;

use super::reader::Section;

/// Where a secret is. Read each time it is needed, so that a replaced file is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    File(PathBuf),
    Variable(String),
}

impl Secret {
    /// The secret, without white space around it.
    pub fn read(&self) -> Result<SecretString, Said> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| cannot_read(&path.display().to_string(), &error))?,
            Self::Variable(name) => std::env::var(name).map_err(|_| {
                said!("variable-unset", "the environment variable {name} is not set", name = name)
            })?,
        };
        if text.trim().is_empty() {
            let secret = self.to_string();
            return Err(said!("secret-empty", "{secret} is empty", secret = secret));
        }
        Ok(SecretString::from(text.trim().to_owned()))
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}

/// A file that cannot be read, and why.
pub fn cannot_read(file: &str, error: &std::io::Error) -> Said {
    let why = error.to_string();
    said!("cannot-read", "cannot read {file}: {why}", file = file, why = why)
}

/// `<name>_file` or `<name>_env`; the file wins.
pub fn secret(section: &Section<'_>, file: &str, variable: &str) -> Option<Secret> {
    let from_variable = section.variable_name(variable);
    match section.path(file) {
        Some(path) => Some(Secret::File(path.value)),
        None => from_variable.map(|name| Secret::Variable(name.value)),
    }
}
