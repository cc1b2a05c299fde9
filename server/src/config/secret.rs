//! Secrets that the configuration points to and never holds.

use std::path::PathBuf;

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
    pub fn read(&self) -> Result<SecretString, String> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?,
            Self::Variable(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?
            }
        };
        if text.trim().is_empty() {
            return Err(format!("{self} is empty"));
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

/// `<name>_file` or `<name>_env`; the file wins.
pub fn secret(section: &Section<'_>, file: &str, variable: &str) -> Option<Secret> {
    let from_variable = section.variable_name(variable);
    match section.path(file) {
        Some(path) => Some(Secret::File(path.value)),
        None => from_variable.map(|name| Secret::Variable(name.value)),
    }
}
