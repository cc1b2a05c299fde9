//! Strings with variables: text, `$name`, `${name}`, `$1`.

use super::vars::{VarId, Vars};
use crate::syntax::Pos;

/// One piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    Var(VarId),
    Capture(usize),
    /// The `?` of a rewrite's replacement: arguments begin here.
    Args,
}

/// A string of the configuration that is evaluated per request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Template {
    pub parts: Vec<Part>,
    /// Whether the text holds a `?`.
    pub question: bool,
    /// As written.
    pub source: Vec<u8>,
}

impl Template {
    /// A template that is only text.
    pub fn constant(text: &[u8]) -> Self {
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_vec())] };
        Self { parts, question: text.contains(&b'?'), source: text.to_vec() }
    }

    /// The text when nothing in it varies.
    pub fn as_constant(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Reads `source`. `args`: a `?` begins the arguments, as in a rewrite's replacement.
    pub fn parse(source: &[u8], args: bool, pos: Pos, vars: &mut Vars) -> Result<Self, String> {
        let mut template = Self { parts: Vec::new(), question: false, source: source.to_vec() };
        let mut mark = args;
        let mut text = Vec::new();
        let mut at = 0;
        while let Some(&byte) = source.get(at) {
            match byte {
                b'$' => {
                    if !text.is_empty() {
                        template.parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    at = template.variable(source, at + 1, pos, vars)?;
                }
                b'?' => {
                    template.question = true;
                    if mark {
                        mark = false;
                        if !text.is_empty() {
                            template.parts.push(Part::Text(std::mem::take(&mut text)));
                        }
                        template.parts.push(Part::Args);
                    } else {
                        text.push(byte);
                    }
                    at += 1;
                }
                _ => {
                    text.push(byte);
                    at += 1;
                }
            }
        }
        if !text.is_empty() {
            template.parts.push(Part::Text(text));
        }
        Ok(template)
    }

    fn variable(&mut self, source: &[u8], at: usize, pos: Pos, vars: &mut Vars) -> Result<usize, String> {
        let invalid = || "invalid variable name".to_owned();
        match source.get(at) {
            None => Err(invalid()),
            Some(digit @ b'1'..=b'9') => {
                self.parts.push(Part::Capture(usize::from(digit - b'0')));
                Ok(at + 1)
            }
            Some(first) => {
                let bracket = *first == b'{';
                let start = if bracket { at + 1 } else { at };
                let rest = source.get(start..).unwrap_or_default();
                let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                let closed = rest.get(len) == Some(&b'}');
                let name = rest.get(..len).unwrap_or_default();
                if bracket && !closed {
                    let name = String::from_utf8_lossy(rest);
                    return Err(format!("the closing bracket in \"{name}\" variable is missing"));
                }
                if len == 0 {
                    return Err(invalid());
                }
                self.parts.push(Part::Var(vars.used(name, pos)));
                Ok(start + len + usize::from(bracket))
            }
        }
    }
}
