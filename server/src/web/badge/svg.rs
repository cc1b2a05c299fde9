//! The picture: two halves, a glyph, and words as wide as they were measured.

use std::fmt::Write as _;

use super::{face::Face, width::width};

/// Height of the badge, and room beside its words, in pixels.
const HEIGHT: u32 = 20;
const PAD: u32 = 6;
/// Side of the glyph, and room behind it.
const GLYPH: u32 = 12;
const GAP: u32 = 4;

/// The badge as SVG, always below 2 KB.
pub fn draw(face: &Face) -> String {
    let (label, message) = (width(&face.label), width(&face.message));
    let left = PAD + label + PAD;
    let right = PAD + GLYPH + GAP + message + PAD;
    let (total, color) = (left + right, face.tone.color());
    let title = escape(&format!("{}: {}", face.label, face.message));
    let (label_text, message_text) = (escape(&face.label), escape(&face.message));
    let glyph = if face.glyph.is_filled {
        "fill=\"#fff\" fill-rule=\"evenodd\""
    } else {
        "fill=\"none\" stroke=\"#fff\" stroke-width=\"2.2\""
    };
    let mut out = String::with_capacity(1_400);
    // Writing to memory does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"{HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\"><title>{title}</title>\
         <path fill=\"#24292f\" d=\"M3 0H{left}v{HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z\"/>\
         <path fill=\"{color}\" d=\"M{left} 0H{inner}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z\"/>\
         <path {glyph} transform=\"translate({glyph_at} 4)scale(.75)\" d=\"{path}\"/>\
         <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,Geneva,sans-serif\" font-size=\"11\">\
         <text x=\"{PAD}\" y=\"14\" textLength=\"{label}\" lengthAdjust=\"spacingAndGlyphs\">{label_text}</text>\
         <text x=\"{message_at}\" y=\"14\" textLength=\"{message}\" lengthAdjust=\"spacingAndGlyphs\">{message_text}</text>\
         </g></svg>",
        inner = total - 3,
        glyph_at = left + PAD,
        message_at = left + PAD + GLYPH + GAP,
        path = face.glyph.path,
    );
    out
}

/// Text for an element or an attribute in double quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            other => out.push(other),
        }
    }
    out
}
