//! Values of a section by their type: what is wrong with one is told with its place.

use std::path::PathBuf;

use super::{Found, Raw, Section, join};
use crate::config::{
    keys::{self, Shape},
    problem::{Place, Problem, nearest},
};

impl Section<'_> {
    fn text_like(&self, name: &str, shape: fn(Shape) -> bool) -> Option<Found<String>> {
        match self.raw(name, shape)? {
            Raw::Variable(variable, text) => {
                Some(Found { value: text.to_owned(), place: Place::Variable(variable) })
            }
            Raw::File(value) => {
                let Some(text) = value.get_ref().as_str() else {
                    self.wrong(name, "a text in quotes", value);
                    return None;
                };
                Some(Found { value: text.to_owned(), place: self.source.place(value.span().start) })
            }
        }
    }

    pub fn text(&self, name: &str) -> Option<Found<String>> {
        let found = self.text_like(name, |shape| matches!(shape, Shape::Text))?;
        if found.value.trim().is_empty() {
            self.problem(Problem::at(found.place, format!("`{name}` is empty")));
            return None;
        }
        Some(found)
    }

    /// A text that must be there.
    pub fn required(&self, name: &str) -> Option<Found<String>> {
        if self.raw(name, |_| true).is_none() {
            self.problem(Problem::at(self.place(), format!("`{name}` is missing")));
            return None;
        }
        self.text(name)
    }

    /// Whether the key is given at all, in the file or by variable.
    pub fn given(&self, name: &str) -> bool {
        self.raw(name, |_| true).is_some()
    }

    pub fn variable_name(&self, name: &str) -> Option<Found<String>> {
        self.text_like(name, |shape| shape == Shape::Variable)
    }

    pub fn path(&self, name: &str) -> Option<Found<PathBuf>> {
        let found = self.text_like(name, |shape| shape == Shape::Path)?;
        let value = match found.value.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                let Some(home) = &self.reader.home else {
                    self.problem(Problem::at(
                        found.place,
                        format!("`{name}` begins with ~ and HOME is not set"),
                    ));
                    return None;
                };
                home.join(rest.trim_start_matches('/'))
            }
            _ => match self.source.path.parent() {
                Some(folder) => folder.join(&found.value),
                None => PathBuf::from(&found.value),
            },
        };
        Some(Found { value, place: found.place })
    }

    pub fn url(&self, name: &str) -> Option<Found<String>> {
        let found = self.text_like(name, |shape| shape == Shape::Url)?;
        match reqwest::Url::parse(&found.value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if !url.username().is_empty() || url.password().is_some() {
                    let what = format!("`{name}` holds a user name or password");
                    let help = "credentials are never in the file: use the `*_file` and `*_env` keys";
                    self.problem(Problem::at(found.place, what).help(help));
                    return None;
                }
                let value = found.value.trim_end_matches('/').to_owned();
                Some(Found { value, place: found.place })
            }
            Ok(_) => {
                self.problem(Problem::at(found.place, format!("`{name}` is no http or https URL")));
                None
            }
            Err(error) => {
                self.problem(Problem::at(found.place, format!("`{name}` is no URL: {error}")));
                None
            }
        }
    }

    pub fn switch(&self, name: &str) -> bool {
        match self.raw(name, |shape| shape == Shape::Switch) {
            None => false,
            Some(Raw::File(value)) => value.get_ref().as_bool().unwrap_or_else(|| {
                self.wrong(name, "true or false", value);
                false
            }),
            Some(Raw::Variable(variable, text)) => match text {
                "true" | "1" => true,
                "false" | "0" | "" => false,
                other => {
                    let what = format!("`{other}` is neither true nor false");
                    self.problem(Problem::at(Place::Variable(variable), what));
                    false
                }
            },
        }
    }

    /// A whole number within bounds.
    pub fn number(&self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<Found<i64>> {
        let (value, place) = match self.raw(name, |shape| shape == Shape::Number)? {
            Raw::File(value) => {
                let place = self.source.place(value.span().start);
                let Some(number) = value.get_ref().as_integer() else {
                    self.wrong(name, "a whole number", value);
                    return None;
                };
                (i64::from_str_radix(number.as_str(), number.radix()).ok(), place)
            }
            Raw::Variable(variable, text) => (text.trim().parse().ok(), Place::Variable(variable)),
        };
        match value {
            Some(value) if bounds.contains(&value) => Some(Found { value, place }),
            _ => {
                let what =
                    format!("`{name}` must be a whole number from {} to {}", bounds.start(), bounds.end());
                self.problem(Problem::at(place, what));
                None
            }
        }
    }

    pub fn texts(&self, name: &str) -> Option<Found<Vec<Found<String>>>> {
        match self.raw(name, |shape| shape == Shape::Texts)? {
            Raw::Variable(variable, text) => {
                let place = Place::Variable(variable);
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                let value =
                    parts.map(|part| Found { value: part.to_owned(), place: place.clone() }).collect();
                Some(Found { value, place })
            }
            Raw::File(value) => {
                let Some(items) = value.get_ref().as_array() else {
                    self.wrong(name, "a list of texts", value);
                    return None;
                };
                let mut texts = Vec::with_capacity(items.len());
                for item in items {
                    match item.get_ref().as_str() {
                        Some(text) if !text.trim().is_empty() => texts.push(Found {
                            value: text.to_owned(),
                            place: self.source.place(item.span().start),
                        }),
                        _ => self.wrong(name, "only texts in this list, none empty", item),
                    }
                }
                Some(Found { value: texts, place: self.source.place(value.span().start) })
            }
        }
    }

    pub fn duration(&self, name: &str) -> Option<Found<jiff::SignedDuration>> {
        let found = self.text_like(name, |shape| shape == Shape::Duration)?;
        match found.value.parse::<jiff::SignedDuration>() {
            Ok(value) if !value.is_negative() => Some(Found { value, place: found.place }),
            _ => {
                let what = format!("`{}` is no duration", found.value);
                self.problem(
                    Problem::at(found.place, what).help("write it like \"90s\", \"10m\" or \"1h 30m\""),
                );
                None
            }
        }
    }

    pub fn address(&self, name: &str) -> Option<Found<std::net::SocketAddr>> {
        let found = self.text_like(name, |shape| shape == Shape::Address)?;
        if let Ok(value) = found.value.parse() {
            return Some(Found { value, place: found.place });
        }
        let what = format!("`{}` is no address with port", found.value);
        self.problem(
            Problem::at(found.place, what).help("write it like \"127.0.0.1:3000\" or \"[::1]:3000\""),
        );
        None
    }

    pub fn word(&self, name: &str) -> Option<Found<String>> {
        let found = self.text_like(name, |shape| matches!(shape, Shape::Word(_)))?;
        let shape = keys::find(&join(&self.path, name)).map(|key| key.shape);
        let Some(Shape::Word(words)) = shape else { return Some(found) };
        if words.contains(&found.value.as_str()) {
            return Some(found);
        }
        let near = nearest(&found.value, words.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are: {}", words.join(", ")),
        };
        self.problem(Problem::at(found.place, format!("`{name}` cannot be `{}`", found.value)).help(help));
        None
    }
}
