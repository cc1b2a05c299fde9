//! Lines out of a response body, none longer than a limit.

use bytes::{Buf as _, BytesMut};
use http_body_util::BodyExt as _;
use kube::client::Body;

use super::{
    server::Failure,
    skim::{Form, Skim},
};
use landfall_model::{reduce::Meta, said};

/// What came next.
#[derive(Debug)]
pub enum Line {
    Text(BytesMut),
    /// Longer than the limit: its bytes were thrown away, but for whom it is about.
    TooLong(Option<Meta>),
    /// The body ended after a whole line.
    End,
}

/// A body, cut into lines.
#[derive(Debug)]
pub struct Lines {
    body: Body,
    buffer: BytesMut,
    /// How much of the buffer holds no line end.
    searched: usize,
    longest: usize,
    /// Reads along in a line that is being thrown away.
    skipping: Option<Skim>,
}

impl Lines {
    pub fn new(body: Body, longest: usize) -> Self {
        Self { body, buffer: BytesMut::new(), searched: 0, longest, skipping: None }
    }

    /// The next line. Safe to drop while it waits: what was read stays in the buffer.
    pub async fn next(&mut self) -> Result<Line, Failure> {
        loop {
            if let Some(at) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let mut line = self.buffer.split_to(self.searched + at + 1);
                line.truncate(line.len() - 1);
                self.searched = 0;
                if let Some(mut skim) = self.skipping.take() {
                    skim.feed(&line);
                    return Ok(Line::TooLong(skim.meta()));
                }
                if line.len() > self.longest {
                    return Ok(Line::TooLong(Skim::of(Form::Event, &line)));
                }
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Ok(Line::Text(line));
            }
            self.searched = self.buffer.len();
            if self.buffer.len() > self.longest {
                self.skipping.get_or_insert_with(|| Skim::new(Form::Event)).feed(&self.buffer);
                self.buffer.advance(self.buffer.len());
                self.searched = 0;
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
                Some(Err(error)) => return Err(Failure::Connection(super::server::chain(&error))),
                None if self.buffer.iter().all(u8::is_ascii_whitespace) => return Ok(Line::End),
                None => {
                    self.buffer.clear();
                    return Err(Failure::Broken(said!("line-cut", "the last line was cut off")));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &'static str, longest: usize) -> Vec<String> {
        let mut lines = Lines::new(Body::from(text.as_bytes().to_vec()), longest);
        let mut out = Vec::new();
        loop {
            match lines.next().await {
                Ok(Line::Text(line)) => out.push(String::from_utf8_lossy(&line).into_owned()),
                Ok(Line::TooLong(meta)) => {
                    out.push(meta.map_or_else(
                        || "<too long>".to_owned(),
                        |meta| format!("<too long: {}>", meta.name),
                    ));
                }
                Ok(Line::End) => return out,
                Err(failure) => {
                    out.push(format!("<{failure}>"));
                    return out;
                }
            }
        }
    }

    #[tokio::test]
    async fn whole_long_and_cut_lines() {
        assert_eq!(read("a\n\nbc\n", 10).await, ["a", "bc"]);
        assert_eq!(read("aaaaaaaaaaaaaaaa\nb\n", 10).await, ["<too long>", "b"]);
        let named = "{\"object\":{\"metadata\":{\"name\":\"x\"}}}\nb\n";
        assert_eq!(read(named, 10).await, ["<too long: x>", "b"]);
        assert_eq!(read("a\nbc", 10).await, ["a", "<broken answer: the last line was cut off>"]);
    }
}
