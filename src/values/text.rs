//! What people wrote: kept as it is, and shown so that it cannot play tricks on who reads it.

use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

/// The most bytes a free text may have.
pub const TEXT_BYTES_MAX: usize = 256;

/// Free text: any UTF-8 of at most [`TEXT_BYTES_MAX`] bytes, possibly empty. It has no `Display`, so nobody prints it raw
/// by accident: use [`Text::display_safe`] for logs and terminals. A clone shares the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Text(Arc<str>);

/// The text has more than [`TEXT_BYTES_MAX`] bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextError;

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text longer than {TEXT_BYTES_MAX} bytes")
    }
}

impl std::error::Error for TextError {}

impl Text {
    /// Accepts the text if it is short enough.
    pub fn parse(text: &str) -> Result<Text, TextError> {
        if text.len() <= TEXT_BYTES_MAX { Ok(Text(Arc::from(text))) } else { Err(TextError) }
    }

    /// The text exactly as written: for storage and comparison.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text for a log or a terminal: a character that acts instead of showing (control and ANSI, text direction,
    /// line separators, invisible marks) becomes `\u{hex}` and a backslash is doubled, so no text reads as another's
    /// escape.
    pub fn display_safe(&self) -> String {
        let mut safe = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if character == '\\' {
                safe.push_str("\\\\");
            } else if acts_unseen(character) {
                write!(safe, "\\u{{{:x}}}", u32::from(character)).expect("writing to a string cannot fail");
            } else {
                safe.push(character);
            }
        }
        safe
    }
}

/// Characters that move, hide or reorder what is around them.
fn acts_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
