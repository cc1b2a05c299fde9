//! Layers of images as they are kept: the beginning of a digest and the bytes, `0123456789abcdef:12345`.

use crate::source::registry::Layer;

/// Digits of a digest that are kept.
const DIGITS: usize = 16;

/// A layer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLayer {
    /// The first sixteen digits of its digest.
    pub digest: String,
    /// Bytes, as it travels.
    pub bytes: u64,
}

/// All of an image, with a blank between them.
pub(super) fn write(layers: &[Layer]) -> String {
    let one = |layer: &Layer| {
        let digits = layer.digest.split_once(':').map_or(&*layer.digest, |(_, digits)| digits);
        let digits: String = digits.chars().filter(char::is_ascii_alphanumeric).take(DIGITS).collect();
        format!("{digits}:{}", layer.size)
    };
    layers.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What cannot be read is left out.
pub(super) fn read(kept: &[String]) -> Vec<KeptLayer> {
    let one = |text: &String| {
        let (digest, bytes) = text.split_once(':')?;
        Some(KeptLayer { digest: digest.to_owned(), bytes: bytes.parse().ok()? })
    };
    kept.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let layer = |digest: &str, size| Layer { digest: digest.into(), size };
        let hash = "0123456789abcdef".repeat(4);
        let written = write(&[layer(&format!("sha256:{hash}"), 0), layer("sha512:ab cd", u64::MAX)]);
        assert_eq!(written, "0123456789abcdef:0 abcd:18446744073709551615");
        let words: Vec<String> = written.split(' ').map(str::to_owned).collect();
        let kept = |digest: &str, bytes| KeptLayer { digest: digest.into(), bytes };
        assert_eq!(read(&words), [kept("0123456789abcdef", 0), kept("abcd", u64::MAX)]);
        assert_eq!(read(&["x".into(), "a:b".into()]), []);
    }
}
