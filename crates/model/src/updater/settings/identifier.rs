//! `[alias=]repository[:constraint]`.

use crate::image::ImageRef;

/// An image of a list, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    pub alias: String,
    /// With its registry where it is a reference; else as written.
    pub repository: String,
    pub constraint: String,
}

impl Identifier {
    /// Of an annotation: the first `=` ends the alias, also where it is one of a constraint.
    #[must_use]
    pub fn listed(text: &str) -> Self {
        let (alias, image) = text.split_once('=').unwrap_or(("", text));
        Self::new(alias.trim(), image.trim())
    }

    /// Of an object, where the alias stands apart.
    #[must_use]
    pub fn new(alias: &str, image: &str) -> Self {
        // A colon before the first slash belongs to a port.
        let (host, rest) = match image.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, image),
        };
        let (rest, _digest) = rest.split_once('@').unwrap_or((rest, ""));
        let (path, constraint) = rest.split_once(':').unwrap_or((rest, ""));
        let name = host.map_or_else(|| path.to_owned(), |host| format!("{host}/{path}"));
        let repository = name.parse::<ImageRef>().map_or(name, |image| image.repository);
        Self { alias: alias.to_owned(), repository, constraint: constraint.to_owned() }
    }
}
