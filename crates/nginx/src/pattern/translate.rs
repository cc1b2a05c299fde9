//! Rewrites a PCRE pattern so that the Rust engines read it the same way, and says which engine may run it.
//!
//! Differences that matter: `\<` and `[a[b]]` mean something else to the engines, `{` may be literal, `a++` is
//! possessive, an octal escape is no back-reference, and repeated groups that can match nothing behave
//! differently; whatever is not known to be the same is left to no engine.

/// Which engine may run the pattern.
pub(super) enum Engine {
    Linear,
    Backtracking,
    None(String),
}

pub(super) struct Translated {
    pub text: String,
    pub engine: Engine,
    pub dollar: bool,
    pub names: Vec<(String, usize)>,
    pub groups: usize,
}

/// One open group, or the pattern itself.
#[derive(Default)]
pub(super) struct Level {
    /// An alternative before this one can match nothing.
    pub any_empty: bool,
    /// Something in this alternative needs at least one byte.
    pub consumes: bool,
    /// What the last item is, for quantifiers.
    pub last: Last,
    pub look: bool,
}

#[derive(Default, Clone, Copy, PartialEq)]
pub(super) enum Last {
    /// Nothing that could be repeated.
    #[default]
    Nothing,
    /// An assertion: repeating it is left alone.
    Assertion,
    /// A byte or class.
    Byte,
    /// A group; whether it can match nothing.
    Group { empty: bool },
    /// A quantifier stands here already.
    Repeated,
}

pub(super) struct Translator<'p> {
    pub pattern: &'p [u8],
    pub at: usize,
    pub out: String,
    pub levels: Vec<Level>,
    pub backtracking: bool,
    pub none: Option<String>,
    pub dollar: bool,
    pub names: Vec<(String, usize)>,
    pub groups: usize,
}

pub(super) fn translate(pattern: &[u8]) -> Result<Translated, String> {
    let mut translator = Translator {
        pattern,
        at: 0,
        out: String::with_capacity(pattern.len() + 8),
        levels: vec![Level::default()],
        backtracking: false,
        none: None,
        dollar: false,
        names: Vec::new(),
        groups: 0,
    };
    translator.run()?;
    let engine = match translator.none {
        Some(why) => Engine::None(why),
        None if translator.backtracking => Engine::Backtracking,
        None => Engine::Linear,
    };
    Ok(Translated {
        text: translator.out,
        engine,
        dollar: translator.dollar,
        names: translator.names,
        groups: translator.groups,
    })
}

impl Translator<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    pub(super) fn starts(&self, text: &[u8]) -> bool {
        self.pattern.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    pub(super) fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn refuse(&mut self, what: &str) {
        self.none.get_or_insert_with(|| format!("{what} in the pattern"));
    }

    pub(super) fn put(&mut self, text: std::fmt::Arguments<'_>) {
        use std::fmt::Write as _;
        let _ = self.out.write_fmt(text); // writing to a String does not fail
    }

    pub(super) fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// A literal byte, written so that no engine takes it for syntax.
    pub(super) fn literal(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'_' {
            self.out.push(char::from(byte));
        } else {
            self.put(format_args!("\\x{byte:02X}"));
        }
    }

    pub(super) fn byte_item(&mut self) {
        let level = self.level();
        level.consumes = true;
        level.last = Last::Byte;
    }

    pub(super) fn assertion(&mut self) {
        self.level().last = Last::Assertion;
    }

    pub(super) fn run(&mut self) -> Result<(), String> {
        while let Some(byte) = self.bump() {
            match byte {
                b'\\' => self.escape()?,
                b'[' => {
                    self.class()?;
                    self.byte_item();
                }
                b'(' => self.open()?,
                b')' => self.close()?,
                b'|' => {
                    self.out.push('|');
                    let level = self.level();
                    level.any_empty |= !level.consumes;
                    level.consumes = false;
                    level.last = Last::Nothing;
                }
                b'*' | b'+' | b'?' => {
                    self.out.push(char::from(byte));
                    self.quantifier(byte != b'+', byte != b'?')?;
                }
                b'{' => self.brace()?,
                b'^' => {
                    self.out.push('^');
                    self.assertion();
                }
                b'$' => {
                    self.dollar = true;
                    self.out.push('$');
                    self.assertion();
                }
                b'.' => {
                    self.out.push('.');
                    self.byte_item();
                }
                byte => {
                    self.literal(byte);
                    self.byte_item();
                }
            }
        }
        if self.levels.len() > 1 {
            return Err("missing closing parenthesis".to_owned());
        }
        Ok(())
    }
}
