//! Who an object is, from JSON that is cut off, or too long to keep: read once, byte by byte, nothing kept but that.

use landfall_model::reduce::Meta;

/// Longer texts are no names.
const LONGEST: usize = 512;

/// Where in the text the metadata stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{"metadata":{…}}`
    Object,
    /// `{"type":…,"object":{"metadata":{…}}}`
    Event,
}

/// The containers that matter, from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Outside,
    Event,
    Object,
    Metadata,
}

/// Reads on, piece by piece.
#[derive(Debug)]
pub struct Skim {
    form: Form,
    at: At,
    /// Containers of no interest that are open.
    others: u32,
    /// The string that is being read.
    string: Option<Quoted>,
    key: Vec<u8>,
    value_next: bool,
    /// Namespace, name, uid, version, each once.
    found: [Option<String>; 4],
    doubtful: bool,
}

#[derive(Debug, Default)]
struct Quoted {
    bytes: Vec<u8>,
    /// A backslash stands before what comes.
    escaped: bool,
    /// It holds escapes or is too long: it is compared with nothing.
    odd: bool,
}

const KEYS: [&[u8]; 4] = [b"namespace", b"name", b"uid", b"resourceVersion"];

impl Skim {
    pub fn new(form: Form) -> Self {
        Self {
            form,
            at: At::Outside,
            others: 0,
            string: None,
            key: Vec::new(),
            value_next: false,
            found: [const { None }; 4],
            doubtful: false,
        }
    }

    /// Of a text that is there as a whole.
    pub fn of(form: Form, text: &[u8]) -> Option<Meta> {
        let mut skim = Self::new(form);
        skim.feed(text);
        skim.meta()
    }

    /// What was found. The version is 0 where it is not told.
    pub fn meta(&self) -> Option<Meta> {
        let [namespace, name, uid, version] = &self.found;
        let name = name.as_deref().filter(|name| !name.is_empty() && !self.doubtful)?;
        let [namespace, uid, version] =
            [namespace, uid, version].map(|found| found.as_deref().unwrap_or_default());
        Some(Meta::new(namespace, name, uid, version))
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.take(*byte);
        }
    }

    fn take(&mut self, byte: u8) {
        if let Some(string) = &mut self.string {
            match byte {
                _ if std::mem::take(&mut string.escaped) => {}
                b'\\' => (string.escaped, string.odd) = (true, true),
                b'"' => self.end_of_string(),
                _ if string.bytes.len() < LONGEST => string.bytes.push(byte),
                _ => string.odd = true,
            }
            return;
        }
        match byte {
            b'"' => self.string = Some(Quoted::default()),
            b':' => self.value_next = true,
            b',' => self.value_next = false,
            b'{' => self.open(true),
            b'[' => self.open(false),
            b'}' | b']' => self.close(),
            _ => {}
        }
    }

    fn end_of_string(&mut self) {
        let Quoted { bytes, odd, .. } = self.string.take().unwrap_or_default();
        if self.others > 0 {
            return;
        }
        if !std::mem::take(&mut self.value_next) {
            self.key = if odd { Vec::new() } else { bytes };
            return;
        }
        if self.at == At::Metadata
            && let Some(nth) = KEYS.iter().position(|key| *key == self.key)
        {
            match String::from_utf8(bytes) {
                Ok(value) if !odd && self.found[nth].is_none() => self.found[nth] = Some(value),
                // What stands there twice, or in a form that no name has, is not certain.
                _ => self.doubtful = true,
            }
        }
    }

    fn open(&mut self, is_object: bool) {
        let next = match (self.at, self.form) {
            (At::Outside, Form::Object) => Some(At::Object),
            (At::Outside, Form::Event) => Some(At::Event),
            (At::Event, _) if self.key == b"object" => Some(At::Object),
            (At::Object, _) if self.key == b"metadata" => Some(At::Metadata),
            _ => None,
        };
        match next {
            Some(next) if self.others == 0 && is_object => self.at = next,
            _ => self.others = self.others.saturating_add(1),
        }
        self.key.clear();
        self.value_next = false;
    }

    fn close(&mut self) {
        self.value_next = false;
        if self.others > 0 {
            self.others -= 1;
            return;
        }
        self.at = match (self.at, self.form) {
            (At::Metadata, _) => At::Object,
            (At::Object, Form::Event) => At::Event,
            _ => At::Outside,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: Form, text: &str) -> Option<(String, String, u64)> {
        Skim::of(form, text.as_bytes()).map(|meta| (meta.namespace, meta.name, meta.resource_version))
    }

    #[test]
    fn the_name_is_that_of_the_object_and_not_one_inside_it() {
        let text = r#"{"kind":"Pod","metadata":{"annotations":{"name":"no","x":"{\"name\":\"no\"}"},
            "labels":{"name":"no"},"managedFields":[{"name":"no","metadata":{"name":"no"}}],"name":"a","namespace":"n",
            "ownerReferences":[{"name":"no"}],"resourceVersion":"7","uid":"u"},"spec":{"metadata":{"name":"no"#;
        let is = Some(("n".to_owned(), "a".to_owned(), 7));
        assert_eq!(of(Form::Object, text), is);
        assert_eq!(of(Form::Event, &format!(r#"{{"type":"ADDED","object":{text}"#)), is);
        assert_eq!(of(Form::Event, &format!(r#"{{"object":{text}"#)), is);
        assert_eq!(of(Form::Event, text), None);
    }

    #[test]
    fn what_is_not_certain_is_no_name() {
        for text in [
            "",
            "null",
            r#"{"metadata":{"na"#,
            r#"{"metadata":{"name":"cut"#,
            r#"{"metadata":{"name":"a","name":"b"}}"#,
            r#"{"metadata":{"name":"a\u0062"}}"#,
            r#"{"metadata":{"name":""}}"#,
            r#"{"metadata":[{"name":"a"}]}"#,
            r#"[{"metadata":{"name":"a"}}]"#,
        ] {
            assert_eq!(of(Form::Object, text), None, "{text}");
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same() {
        let text = br#"{"object":{"metadata":{"labels":{"a\"b":"c"},"name":"a","namespace":"n"}}}"#;
        for size in 1..text.len() {
            let mut skim = Skim::new(Form::Event);
            text.chunks(size).for_each(|piece| skim.feed(piece));
            assert_eq!(skim.meta().map(|meta| meta.name).as_deref(), Some("a"), "{size}");
        }
    }

    proptest::proptest! {
        /// A text that is whole gives what a parser finds.
        #[test]
        fn agrees_with_a_parser(labels: std::collections::BTreeMap<String, String>, name in "[a-z]{1,9}", before: bool) {
            let mut value = serde_json::json!({"metadata": {"labels": labels, "name": name}, "spec": {"name": "x"}});
            if before {
                value["a"] = serde_json::json!([{"metadata": {"name": "y"}}, "metadata", {"name": "z"}]);
            }
            let found = Skim::of(Form::Object, value.to_string().as_bytes());
            proptest::prop_assert_eq!(found.map(|meta| meta.name), Some(name));
        }
    }
}
